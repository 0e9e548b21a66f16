"""Closing an account: asked twice, refused while something is to come, undone by an admin within thirty days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import Session
from apps.bookings import services as booking_services
from apps.common.exceptions import Forbidden
from apps.interop import exceptions, rules, services
from apps.interop.models import Closure, LegalHold
from apps.notifications import services as notification_services
from apps.notifications.models import Message
from tests.factories.accounts import PASSWORD
from tests.factories.bookings import AppointmentFactory

ADDRESS = "/api/v1/users/me/closure"


def close(api, patient, password=PASSWORD):
    return api(patient.user).post(ADDRESS, {"password": password}, format="json")


def test_the_account_is_closed_at_once_and_the_person_is_told(api, patient):
    answer = close(api, patient)
    assert answer.status_code == 202
    patient.user.refresh_from_db()
    assert patient.user.is_active is False
    assert not Session.objects.filter(user=patient.user, ended_at=None).exists()
    closure = Closure.objects.get(patient=patient)
    assert closure.erase_at - closure.created_at < timedelta(days=30, seconds=5)
    assert closure.erase_at - closure.created_at > timedelta(days=29, hours=23)
    notification_services.deliver_due()
    assert Message.objects.get(kind="interop.account_closed", channel="email").status == "sent"


def test_control_other_messages_to_a_closed_account_are_not_sent(api, patient):
    services.ask_for_export(patient, by=patient.user)
    services.make_exports(timezone.now())
    close(api, patient)
    notification_services.deliver_due()
    assert Message.objects.get(kind="interop.export_ready", channel="email").status == "cancelled"


def test_a_wrong_password_closes_nothing(api, patient):
    answer = close(api, patient, "Wrong-Horse-7")
    assert (answer.status_code, answer.json()["code"]) == (400, "accounts.wrong_password")
    assert "password" in answer.json()["errors"]
    assert not Closure.objects.exists()
    patient.user.refresh_from_db()
    assert patient.user.is_active


def test_what_is_to_come_must_be_cancelled_first_and_is_named(api, patient, coordinator):
    appointment = AppointmentFactory(patient=patient, status="appointment_confirmed")
    answer = close(api, patient)
    assert (answer.status_code, answer.json()["code"]) == (409, "data_rights.something_to_come")
    assert [row["number"] for row in answer.json()["data"]["to_come"]] == [appointment.number]
    assert not Closure.objects.exists()
    preview = api(patient.user).get(ADDRESS).json()["data"]
    assert [row["number"] for row in preview["to_come"]] == [appointment.number]
    booking_services.cancel_appointment(appointment.pk, by=coordinator, reason="Asked to")
    assert close(api, patient).status_code == 202


def test_what_is_over_stands_in_nobodys_way(api, patient):
    AppointmentFactory(patient=patient, status="consultation_completed")
    AppointmentFactory(patient=patient, status="cancelled", cancelled_by="patient", cancelled_at=timezone.now())
    assert close(api, patient).status_code == 202


def test_an_account_is_closed_once(patient):
    services.close_account(patient, password=PASSWORD, by=patient.user)
    with pytest.raises(exceptions.ClosedAlready):
        services.close_account(patient, password=PASSWORD, by=patient.user)
    assert Closure.objects.count() == 1


def test_nobody_closes_anothers_account(patient, platform_admin):
    with pytest.raises(Forbidden):
        services.close_account(patient, password=PASSWORD, by=platform_admin)


def test_an_admin_reopens_it_and_it_can_be_closed_again(api, patient, platform_admin):
    closure = services.close_account(patient, password=PASSWORD, by=patient.user)
    services.reopen_account(closure.pk, by=platform_admin, note="Changed their mind")
    patient.user.refresh_from_db()
    assert patient.user.is_active
    assert Message.objects.filter(recipient=patient.user, kind="interop.account_reopened").exists()
    assert close(api, patient).status_code == 202
    assert Closure.objects.filter(patient=patient).count() == 2


def test_reopening_is_an_admins_and_ends_when_erasing_begins(patient, coordinator, platform_admin):
    closure = services.close_account(patient, password=PASSWORD, by=patient.user)
    with pytest.raises(Forbidden):
        services.reopen_account(closure.pk, by=coordinator)
    services.erase_due(timezone.now() + rules.REOPENING_FOR + timedelta(seconds=1))
    with pytest.raises(exceptions.NotToReopen):
        services.reopen_account(closure.pk, by=platform_admin)


def test_a_hold_has_one_place_and_is_lifted_once(patient, platform_admin, coordinator):
    with pytest.raises(Forbidden):
        services.place_hold(patient, reason="r", by=coordinator)
    hold = services.place_hold(patient, reason="A complaint", by=platform_admin)
    with pytest.raises(exceptions.OnHold):
        services.place_hold(patient, reason="Another", by=platform_admin)
    services.lift_hold(hold.pk, by=platform_admin)
    with pytest.raises(exceptions.HoldIsLifted):
        services.lift_hold(hold.pk, by=platform_admin)
    assert services.place_hold(patient, reason="Another", by=platform_admin)
    assert LegalHold.objects.visible_to(patient.user).count() == 0


def test_only_patients_close_accounts_this_way(api, platform_admin, doctor):
    for user in (platform_admin, doctor.user):
        assert api(user).post(ADDRESS, {"password": PASSWORD}, format="json").status_code == 403
