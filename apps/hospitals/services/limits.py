"""What a subscription allows a hospital or a doctor: written here by whoever sells subscriptions, held to where doctors
join and patients book."""

from uuid import UUID

from django.utils import timezone

from apps.hospitals.models import Doctor, Hospital


def limit_hospital(hospital_id: UUID, *, max_doctors: int | None, max_appointments_per_month: int | None) -> None:
    """The hospital has so many doctors and so many appointments a month at most; None: no limit. Who practises there
    already stays."""
    Hospital.objects.filter(pk=hospital_id).update(
        max_doctors=max_doctors, max_appointments_per_month=max_appointments_per_month, updated_at=timezone.now()
    )


def limit_doctor(doctor_id: UUID, *, max_appointments_per_month: int | None) -> None:
    """The doctor has so many appointments a month at most, at all hospitals together; None: no limit."""
    Doctor.objects.filter(pk=doctor_id).update(
        max_appointments_per_month=max_appointments_per_month, updated_at=timezone.now()
    )
