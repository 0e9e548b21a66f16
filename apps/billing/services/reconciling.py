"""Comparing our books with the gateways', payment by payment: the sweep does it, at once for whoever asks."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import rules
from apps.billing.models import Payment
from apps.billing.selectors import reconciliation as selectors
from apps.common.exceptions import Invalid, raise_if


@transaction.atomic
def ask_about(first: date, last: date, *, by: User, now: datetime | None = None) -> int:
    """The sweep asks the gateways next about every payment of which anything was entered from the first day to the
    last (UTC). What they say is applied; where it contradicts our books a task opens. Gives how many payments.

    Raises Forbidden, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    if not 0 <= (last - first).days < selectors.MOST_DAYS:
        raise Invalid(errors={"last": [_("Give a period of at most 92 days.")]})
    rows = selectors.payments_to_ask(first, last).order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True).values_list("pk", flat=True))
    return Payment.objects.filter(pk__in=locked).update(look_up_at=now)
