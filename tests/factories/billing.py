"""Payments that staff recorded, with their entry in the ledger."""

from datetime import date
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from apps.accounts.roles import Role
from apps.billing import models
from apps.billing.services import ledger

from .accounts import UserFactory


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Payment
        skip_postgeneration_save = True

    payer = factory.SubFactory(UserFactory, role=Role.PATIENT)
    amount = Decimal("1500.00")
    currency = "INR"
    method = "bank_transfer"
    received_on = date(2026, 11, 20)
    recorded_by = factory.SubFactory(UserFactory, role=Role.COORDINATOR)
    stage = "captured"
    status = "completed"
    captured = factory.SelfAttribute("amount")

    @factory.post_generation
    def entered(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and self.captured:
            key = f"payment:{self.pk}:captured"
            ledger.enter(models.LedgerKind.CAPTURED, self.figure("captured"), key=key, payment=self, now=timezone.now())
