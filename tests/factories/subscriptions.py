"""Plans and subscriptions."""

from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from apps.billing import models

from .hospitals import HospitalStaffFactory


class PlanFactory(factory.django.DjangoModelFactory):
    """For hospitals, 149 dollars a month, without a trial."""

    class Meta:
        model = models.SubscriptionPlan

    code = factory.Sequence(lambda n: f"plan-{n}")
    audience = "hospital"
    name = factory.Sequence(lambda n: f"Plan {n}")
    interval = "month"
    price = Decimal("149.00")
    currency = "USD"
    max_doctors = 10
    max_appointments_per_month = 500


class SubscriptionFactory(factory.django.DjangoModelFactory):
    """A hospital's, active, for a month that began today; its period has no bill."""

    class Meta:
        model = models.Subscription
        exclude = ("staff",)
        skip_postgeneration_save = True

    staff = factory.SubFactory(HospitalStaffFactory)
    plan = factory.SubFactory(PlanFactory)
    hospital = factory.SelfAttribute("staff.hospital")
    payer = factory.SelfAttribute("staff.user")
    status = "active"
    starts_on = factory.LazyFunction(lambda: timezone.now().date())
    ends_on = factory.LazyAttribute(lambda row: row.starts_on + timedelta(days=29))
    anchor_day = factory.LazyAttribute(lambda row: row.starts_on.day)

    @factory.post_generation
    def period(self, create, extracted, **kwargs):
        if create:
            models.SubscriptionPeriod.objects.create(
                subscription=self, number=1, plan=self.plan, starts_on=self.starts_on, ends_on=self.ends_on,
                currency=self.plan.currency, price=self.plan.price, taken_up_at=timezone.now(),
            )  # fmt: skip
