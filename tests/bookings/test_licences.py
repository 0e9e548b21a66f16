"""A licence's last day is the last day of appointments, and what lies after it is a worklist for coordinators."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from apps.bookings import exceptions, selectors, services
from apps.bookings.models import Appointment
from apps.bookings.notifications.licences import UNLICENSED
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Doctor, Hospital, Licence
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import LicenceFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/bookings/appointment/"


def license_until(doctor, day):
    Licence.objects.filter(doctor=doctor).update(expires_on=day)


def told():
    return Message.objects.filter(kind=UNLICENSED.name)


@pytest.fixture
def last_day(free):
    """The hospital's day of the first free slot."""
    return free[0].starts_at.astimezone(ZoneInfo("Asia/Kolkata")).date()


@pytest.fixture
def unlicensed(book, free, schedule, last_day):
    """One appointment on the licence's last day and one the day after."""
    late = next(slot for slot in free if slot.starts_at.astimezone(ZoneInfo("Asia/Kolkata")).date() > last_day)
    kept, lost = book(free[0]), book(late)
    license_until(schedule.doctor, last_day)
    return kept, lost


# --- the boundary ---


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_slots_end_with_the_last_day_on_the_hospitals_calendar(schedule, zone):
    Hospital.objects.update(time_zone=zone)
    now = timezone.now()
    last_day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=4)
    license_until(schedule.doctor, last_day)
    found = selectors.free_slots(schedule.doctor_id, start=now, end=now + timedelta(days=9), now=now).found
    assert max(slot.starts_at.astimezone(ZoneInfo(zone)).date() for slot in found) == last_day
    assert max(found).starts_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") == "16:30"


def test_one_books_on_the_last_day_and_not_on_the_next(book, free, schedule, last_day):
    license_until(schedule.doctor, last_day)
    assert book(free[0]).pk
    with pytest.raises(exceptions.NotLicensedThen):
        book(free[0].starts_at + timedelta(days=1))
    assert Appointment.objects.count() == 1


def test_hours_over_midnight_end_at_midnight_on_the_last_day(schedule, last_day):
    services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user,
        weekly_hours=[selectors.calendars.slots.Opening(day, datetime.min.time().replace(hour=22),
                                                        datetime.min.time().replace(hour=2)) for day in range(7)],
    )  # fmt: skip
    license_until(schedule.doctor, last_day)
    now = timezone.now()
    found = selectors.free_slots(schedule.doctor_id, start=now, end=now + timedelta(days=9), now=now).found
    assert max(found).starts_at.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%d %H:%M") == f"{last_day:%d} 23:30"


def test_nothing_is_moved_beyond_the_last_day(appointment, free, schedule, last_day, patient):
    license_until(schedule.doctor, last_day)
    with pytest.raises(exceptions.NotLicensedThen):
        services.reschedule_appointment(
            appointment.pk, by=patient.user, starts_at=free[0].starts_at + timedelta(days=1)
        )
    appointment.refresh_from_db()
    assert appointment.version == 1


def test_a_lapsed_licence_refuses_bookings_and_moves_by_its_own_code(book, free, schedule, patient, doctor):
    appointment = book(free[0])
    license_until(doctor, timezone.now().date() - timedelta(days=1))
    with pytest.raises(exceptions.NotLicensedThen):
        book(free[1])
    with pytest.raises(exceptions.NotLicensedThen):
        services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[1].starts_at)


def test_a_licence_without_an_end_closes_nothing(schedule, free):
    license_until(schedule.doctor, None)
    schedule.doctor.refresh_from_db()
    assert schedule.doctor.licensed_until == date(9999, 12, 31)
    services.check_calendars()
    assert Doctor.objects.get(pk=schedule.doctor_id).next_free_at


def test_with_the_lapse_the_doctor_takes_no_appointments_and_with_the_renewal_again(schedule, platform_admin):
    doctor = schedule.doctor
    services.check_calendars()
    assert Doctor.objects.get(pk=doctor.pk).is_bookable
    license_until(doctor, timezone.now().date() - timedelta(days=1))
    services.check_calendars()
    found = Doctor.objects.get(pk=doctor.pk)
    assert (found.is_bookable, found.next_free_at) == (False, None)
    renewed = LicenceFactory(doctor=doctor, verification="pending")
    hospital_services.verify_licence(renewed, by=platform_admin, verification="approved")
    assert Doctor.objects.get(pk=doctor.pk).is_bookable, "at once, by the signal"
    services.check_calendars()
    assert Doctor.objects.get(pk=doctor.pk).next_free_at


def test_the_lapse_comes_by_itself_with_the_day(schedule):
    last_day = timezone.now().date() + timedelta(days=2)
    license_until(schedule.doctor, last_day)
    services.check_calendars()
    assert Doctor.objects.get(pk=schedule.doctor_id).is_bookable
    services.check_calendars(now=timezone.now() + timedelta(days=3))
    assert not Doctor.objects.get(pk=schedule.doctor_id).is_bookable


# --- the worklist ---


def test_coordinators_find_what_lies_after_the_last_day_and_nothing_else(client, unlicensed, coordinator):
    _kept, lost = unlicensed
    client.force_login(coordinator)
    page = client.get(LIST, {"when": "unlicensed"})
    assert [row.number for row in page.context["cl"].result_list] == [lost.number]
    services.cancel_appointment(lost.pk, by=coordinator, reason="No licence")
    assert list(client.get(LIST, {"when": "unlicensed"}).context["cl"].result_list) == []


def test_coordinators_are_told_once_for_each_doctor_and_last_day(unlicensed, schedule, coordinator, patient):
    UserFactory(role="coordinator", is_active=False)
    services.check_calendars()
    services.want_checks()
    services.check_calendars()
    assert {(row.recipient_id, row.channel) for row in told()} == {
        (coordinator.pk, "email"), (coordinator.pk, "in_app"),
    }  # fmt: skip
    license_until(schedule.doctor, unlicensed[0].starts_at.date() - timedelta(days=1))
    services.check_calendars()
    assert told().filter(channel="email").count() == 2


def test_nobody_is_told_while_no_appointment_lies_after_it(schedule, appointment, coordinator):
    license_until(schedule.doctor, appointment.starts_at.date() + timedelta(days=1))
    services.check_calendars()
    assert not told().exists()


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_message_leads_to_the_list_and_names_no_patient(client, unlicensed, coordinator, language):
    services.check_calendars()
    for message in told().select_related("recipient"):
        message.recipient.language = language
        rendered = rendering.render(message)
        for text in filter(None, (rendered.subject, rendered.text, rendered.html)):
            assert "%(" not in text
            assert unlicensed[1].patient.user.last_name not in text
            assert unlicensed[1].number not in text
        assert unlicensed[1].doctor.last_name in rendered.subject
        if message.channel == "email":
            assert f"{settings.PUBLIC_URL}{LIST}?when=unlicensed" in rendered.text
    client.force_login(coordinator)
    page = client.get(told().first().context["page"])
    assert [row.number for row in page.context["cl"].result_list] == [unlicensed[1].number]


def test_a_doctor_without_any_licence_left_is_told_of_too(unlicensed, schedule, coordinator):
    Licence.objects.update(verification="rejected", rejection_reason="Withdrawn")
    services.check_calendars()
    message = told().get(channel="email")
    assert message.context["count"] == 2
    assert "has no valid licence" in rendering.render(message).text
