"""How consents, emergencies and readings read in lists: state and colour, in words."""

from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.clinical.models import ConsentGrant, EmergencyAccess
from apps.clinical.selectors import timeline


def state(grant: Any, now: datetime) -> tuple[str, str]:
    """Whether a consent, read `with_liveness`, still holds, and its colour. One for the care of a subject also ends
    when that does."""
    if grant.revoked_at:
        return pgettext("consent", "Revoked"), "danger"
    if grant.is_live:
        return pgettext("consent", "Given"), "success"
    if grant.starts_at > now:
        return pgettext("consent", "Not begun"), "info"
    return pgettext("consent", "Over"), ""


def until(grant: ConsentGrant) -> str:
    if grant.ends_at:
        return formats.date_format(timezone.localtime(grant.ends_at), "SHORT_DATETIME_FORMAT")
    return _("as long as the care lasts")


def scopes(grant: ConsentGrant) -> str:
    """What a consent opens, in words."""
    return ", ".join(timeline.scope_labels(grant))


def verdict(access: EmergencyAccess) -> tuple[str, str]:
    if not access.verdict:
        return pgettext("emergency access", "To be reviewed"), "warning"
    is_right = access.verdict == EmergencyAccess.Verdict.JUSTIFIED
    return access.get_verdict_display(), "success" if is_right else "danger"


@cache
def _model(label: str) -> Any:
    return next((model for model in apps.get_models() if model._meta.label_lower == label), None)


def kind_of(label: str) -> str:
    """What a reading was of: “clinical.medicalrecord” is “Medical record”."""
    model = _model(label)
    return capfirst(str(model._meta.verbose_name)) if model else label
