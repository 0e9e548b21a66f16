"""Payments that staff recorded."""

from datetime import date
from decimal import Decimal

import factory

from apps.accounts.roles import Role
from apps.billing import models

from .accounts import UserFactory


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Payment

    payer = factory.SubFactory(UserFactory, role=Role.PATIENT)
    amount = Decimal("1500.00")
    currency = "INR"
    method = "bank_transfer"
    received_on = date(2026, 11, 20)
    recorded_by = factory.SubFactory(UserFactory, role=Role.COORDINATOR)
