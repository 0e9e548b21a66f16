"""Patients."""

import factory

from apps.accounts.roles import Role
from apps.clinical import models

from .accounts import UserFactory


class PatientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Patient

    user = factory.SubFactory(UserFactory, role=Role.PATIENT)
    country = "NG"
