"""Where a hospital is paid."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.common import audit, encryption
from apps.common.models import BaseModel
from apps.hospitals import querysets

from .base import currency_field
from .hospitals import Hospital


class BankAccount(BaseModel):
    """The account that a hospital's money goes to. Its number lies encrypted, and people see the last four."""

    part_of = "hospital"

    hospital = models.OneToOneField(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="bank_account"
    )
    holder = models.CharField(_("account holder"), max_length=140)
    bank = models.CharField(_("bank"), max_length=140)
    country = CountryField(_("country of the bank"))
    number = encryption.EncryptedTextField(_("IBAN or account number"), max_length=34)
    number_index = encryption.BlindIndexField(of="number")
    bic = models.CharField(_("BIC (SWIFT code)"), max_length=11, blank=True)
    currency = currency_field()

    objects = querysets.BankAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [audit.tracked(masked=["number"], ignored=["number_index"])]

    def __str__(self) -> str:
        return f"{self.bank} {encryption.masked(self.number)}"
