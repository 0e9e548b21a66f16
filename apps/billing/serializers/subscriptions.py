"""Plans and subscriptions going in and out."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.billing.models import Payment, SubscriptionPlan
from apps.billing.rules.subscriptions import PlanChange
from apps.billing.workflow import OWING, BillStatus, SubscriptionStatus
from apps.common import money
from apps.common.texts import chosen
from apps.hospitals.serializers.fields import Row, Translated, translated

from .payments import ONLINE_GATEWAYS

_AMOUNT = "Decimal in the currency's own places."
_LIMIT = "null: no limit."


class PlanShown(Translated):
    """What a hospital or a doctor may subscribe to."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    audience = serializers.ChoiceField(choices=SubscriptionPlan.Audience.choices, help_text="For whom it is.")
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    interval = serializers.ChoiceField(choices=SubscriptionPlan.Interval.choices, help_text="What the price is for.")
    price = serializers.CharField(help_text=_AMOUNT)
    currency = serializers.CharField(help_text="ISO 4217 code.")
    trial_days = serializers.IntegerField(help_text="0 for no trial. Nobody has a second one.")
    max_doctors = serializers.IntegerField(allow_null=True, help_text=f"Doctors at most. {_LIMIT}")
    max_appointments_per_month = serializers.IntegerField(
        allow_null=True, help_text=f"Appointments in a calendar month at most. {_LIMIT}"
    )

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        plain = {name: row[name] for name in PlanShown._plain}
        shown = translated(row, "name", "description", language=language)
        return {**plain, "price": _amount(row["price"], row["currency"]), **shown}

    _plain = (
        "id", "code", "audience", "interval", "currency", "trial_days", "max_doctors", "max_appointments_per_month",
    )  # fmt: skip


class PlanNamed(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class SubscriberShown(serializers.Serializer):
    """Whose subscription it is."""

    type = serializers.ChoiceField(choices=SubscriptionPlan.Audience.choices)
    id = serializers.UUIDField()
    name = serializers.CharField()


class SubscriptionShown(serializers.Serializer):
    """A hospital's or a doctor's subscription to a plan."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=SubscriptionStatus.choices)
    subscriber = SubscriberShown()
    plan = PlanNamed()
    interval = serializers.ChoiceField(choices=SubscriptionPlan.Interval.choices)
    price = serializers.CharField(help_text=f"Of a whole period. {_AMOUNT}")
    currency = serializers.CharField()
    max_doctors = serializers.IntegerField(allow_null=True, help_text=_LIMIT)
    max_appointments_per_month = serializers.IntegerField(allow_null=True, help_text=_LIMIT)
    starts_on = serializers.DateField(allow_null=True, help_text="First day (UTC) of the present period.")
    ends_on = serializers.DateField(allow_null=True, help_text="Its last day.")
    auto_renew = serializers.BooleanField(help_text="Whether another period follows.")
    cancelled_at = serializers.DateTimeField(allow_null=True)
    next_plan = PlanNamed(allow_null=True, help_text="The plan from the next period on, where it is another one.")
    grace_until = serializers.DateField(allow_null=True, help_text="It ends after this day unless it is paid.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class PeriodBillShown(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=BillStatus.choices)
    total = serializers.CharField(help_text=_AMOUNT)
    due = serializers.CharField(help_text="What is still owed.")


class PeriodShown(serializers.Serializer):
    """A stretch of days that it was billed for. A trial has number 0 and no bill."""

    number = serializers.IntegerField()
    plan = serializers.CharField(help_text="The plan's code.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    currency = serializers.CharField()
    price = serializers.CharField(help_text=_AMOUNT)
    credit = serializers.CharField(help_text="Taken off for the rest of the plan whose place it took.")
    is_in_force = serializers.BooleanField(help_text="false while it waits for its payment.")
    replaced_on = serializers.DateField(allow_null=True, help_text="From this day on another plan took its place.")
    bill = PeriodBillShown(allow_null=True)


class SubscriptionDetail(SubscriptionShown):
    """As in the list, with what was billed and what is to be paid now."""

    periods = PeriodShown(many=True)
    due = serializers.CharField(help_text="To be paid now, in `currency` of the newest period. 0 for nothing.")


class PlanChangeShown(serializers.Serializer):
    """What a change of plan brings."""

    plan = serializers.CharField(help_text="The plan's code.")
    begins_on = serializers.DateField()
    is_now = serializers.BooleanField(help_text="false: it waits for the next period.")
    currency = serializers.CharField()
    credit = serializers.CharField(help_text="For the days to come of the present plan.")
    charge = serializers.CharField(help_text="For the days to come of the new plan, or its next whole period.")
    due = serializers.CharField(help_text="To be paid now: charge less credit, or nothing.")
    ends_on = serializers.DateField(help_text="Last day of the period that is paid for then.")


class SubscriptionAnswer(SubscriptionDetail):
    """With the page on which what is due can be paid, where there is one."""

    checkout_url = serializers.CharField(allow_null=True)
    payment_id = serializers.UUIDField(allow_null=True)
    change = PlanChangeShown(allow_null=True, help_text="With `?preview=true`: nothing was changed.")


class PayInput(serializers.Serializer):
    gateway = serializers.ChoiceField(
        choices=ONLINE_GATEWAYS, required=False,
        help_text="Of those that are set up and take the currency; without one the first of them.",
    )  # fmt: skip
    return_url = serializers.URLField(
        required=False, max_length=500, help_text="Where the payer is sent afterwards; it gets `payment`."
    )


class SubscribeInput(PayInput):
    plan = serializers.SlugField(max_length=60, help_text="The plan's code.")
    hospital_id = serializers.UUIDField(
        required=False, help_text="For hospital staff: one of their own, if they work for several. For platform admins."
    )
    doctor_id = serializers.UUIDField(required=False, help_text="For platform admins.")


class ChangeSubscriptionInput(PayInput):
    plan = serializers.SlugField(max_length=60, required=False, help_text="The new plan's code.")
    auto_renew = serializers.BooleanField(required=False)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="The version that the caller saw: of another one nothing is changed."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("plan" in attrs) == ("auto_renew" in attrs):
            raise serializers.ValidationError(_("Say either the plan or whether it is renewed."))
        return attrs


class PreviewInput(serializers.Serializer):
    preview = serializers.BooleanField(required=False, default=False)


def subscription(row: Row, language: str) -> dict[str, Any]:
    """The answer of SubscriptionShown, from a row of `selectors.subscription_rows`."""
    is_hospital = row["hospital_id"] is not None
    names = (chosen(row, "doctor__title", language).text, row["doctor__first_name"], row["doctor__last_name"])
    return {
        **{name: row[name] for name in _PLAIN},
        "subscriber": {
            "type": "hospital" if is_hospital else "doctor",
            "id": row["hospital_id"] if is_hospital else row["doctor_id"],
            "name": chosen(row, "hospital__name", language).text if is_hospital else " ".join(filter(None, names)),
        },
        "plan": {"code": row["plan__code"], "name": chosen(row, "plan__name", language).text},
        "interval": row["plan__interval"],
        "price": _amount(row["plan__price"], row["plan__currency"]),
        "currency": row["plan__currency"],
        "max_doctors": row["plan__max_doctors"],
        "max_appointments_per_month": row["plan__max_appointments_per_month"],
        "next_plan": {"code": row["next_plan__code"], "name": chosen(row, "next_plan__name", language).text}
        if row["next_plan__code"]
        else None,
    }


_PLAIN = (
    "id", "number", "status", "starts_on", "ends_on", "auto_renew", "cancelled_at", "grace_until", "version",
    "created_at",
)  # fmt: skip


def detail(row: Row, periods: list[dict[str, Any]], language: str) -> dict[str, Any]:
    shown = [_period(each) for each in periods]
    due = sum((Decimal(each["bill"]["due"]) for each in shown if each["bill"]), Decimal(0))
    currency = periods[0]["currency"] if periods else row["plan__currency"]
    return {**subscription(row, language), "periods": shown, "due": _amount(due, currency)}


def _period(row: Row) -> dict[str, Any]:
    currency = row["currency"]
    owed = row["bill__status"] in OWING
    bill = row["bill_id"] and {
        "id": row["bill_id"],
        "number": row["bill__number"],
        "status": row["bill__status"],
        "total": _amount(row["bill__total"], currency),
        "due": _amount(row["bill__total"] - row["bill__credited"] - row["bill__paid"] if owed else 0, currency),
    }
    return {
        "number": row["number"],
        "plan": row["plan__code"],
        "starts_on": row["starts_on"],
        "ends_on": row["ends_on"],
        "currency": currency,
        "price": _amount(row["price"], currency),
        "credit": _amount(row["credit"], currency),
        "is_in_force": row["taken_up_at"] is not None,
        "replaced_on": row["replaced_on"],
        "bill": bill,
    }


def change(plan: str, brings: PlanChange) -> dict[str, Any]:
    """The answer of PlanChangeShown."""
    amounts = {name: str(getattr(brings, name).amount) for name in ("credit", "charge", "due")}
    return {
        "plan": plan, "begins_on": brings.begins_on, "is_now": brings.is_now, "currency": brings.charge.currency,
        "ends_on": brings.ends_on, **amounts,
    }  # fmt: skip


def with_payment(shown: dict[str, Any], payment: Payment | None) -> dict[str, Any]:
    """The answer of SubscriptionAnswer. A page is named while it can be paid on."""
    is_open = payment is not None and payment.status == "pending" and bool(payment.checkout_url)
    return {
        **shown,
        "checkout_url": payment.checkout_url if payment and is_open else None,
        "payment_id": payment.pk if payment else None,
        "change": None,
    }


def _amount(amount: Decimal | int, currency: str) -> str:
    return str(money.quantize(Decimal(amount), currency))
