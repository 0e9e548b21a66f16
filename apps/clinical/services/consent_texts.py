"""What patients are asked to agree to, from draft to published. A published version is final."""

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.models import ConsentText
from apps.common.exceptions import Forbidden, Invalid

_BODIES = tuple(f"body_{code}" for code, _name in settings.LANGUAGES)


@transaction.atomic
def draft_consent_text(text: ConsentText, *, by: User) -> ConsentText:
    """The draft says what its bodies say; a new one gets the next version. Raises Forbidden, ConsentTextIsFinal."""
    _check(text, by)
    if text._state.adding:
        newest = ConsentText.objects.aggregate(newest=Max("version"))["newest"]
        text.version = (newest or 0) + 1
    text.save()
    return text


@transaction.atomic
def publish_consent_text(text: ConsentText, *, by: User) -> ConsentText:
    """From now on patients are asked with this text, if it is the newest. It never changes again.

    Raises Forbidden, ConsentTextIsFinal, Invalid where a language has no text.
    """
    now = timezone.now()
    text = ConsentText.objects.lock(text.pk)
    _check(text, by)
    missing = [name for name in _BODIES if not getattr(text, name).strip()]
    if missing:
        raise Invalid(errors={name: [_("This text is missing.")] for name in missing})
    text.published_at = now
    text.save(update_fields=["published_at", "updated_at"])
    return text


def _check(text: ConsentText, by: User) -> None:
    if by.role != Role.ADMIN:
        raise Forbidden()
    if text.published_at is not None:
        raise exceptions.ConsentTextIsFinal()
