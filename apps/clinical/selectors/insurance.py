"""Insurers as the public and their keepers read them, and what they said of policies."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.clinical.models import InsuranceProvider, InsuranceVerification
from apps.hospitals import models as hospital_models
from apps.hospitals.selectors import rows as directory_rows

_PLAIN = ("id", "code", "country", "website", "phone", "verification_kind")


def insurer_rows(language: str) -> QuerySet[Any, dict[str, Any]]:
    """The public list, as rows."""
    rows: Any = InsuranceProvider.objects.alias(sort_name=hospital_models.sort_name(language)).raw_values(
        *_PLAIN, *directory_rows.columns("name", language=language)
    )
    return rows.annotate(**directory_rows.text_statuses("", language=language)).listed()


def insurer_row(pk: UUID, *, user: Any) -> dict[str, Any]:
    """One insurer as `user` may read it. Raises DoesNotExist."""
    rows: Any = InsuranceProvider.objects.raw_values(*_PLAIN, *directory_rows.all_columns("name"))
    return rows.annotate(**directory_rows.text_statuses("", language=None)).readable_by(user).get(pk=pk)


def managed_insurer(pk: UUID, user: Any) -> InsuranceProvider | None:
    """The insurer as platform admins see it; None for everyone else."""
    if not (user.is_authenticated and user.is_platform_admin):
        return None
    return InsuranceProvider.objects.visible_to(user).filter(pk=pk).first()


def verification_rows(patient_id: UUID, *, reader: User, columns: tuple[str, ...]) -> QuerySet[Any, dict[str, Any]]:
    """What insurers were asked about a patient's policies, the newest first."""
    rows = InsuranceVerification.objects.visible_to(reader).filter(policy__patient=patient_id)
    return rows.values(*columns)
