"""Buffers, daily caps, extra hours, closures and public holidays: what is offered, booked and refused."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.accounts.roles import Role
from apps.bookings import exceptions, selectors, services, slots
from apps.bookings.models import Appointment, Closure, DoctorSchedule, ExtraHours, PublicHoliday, WeeklyHours
from apps.common.exceptions import Forbidden, Invalid, NotFound
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Kolkata")
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def day():
    """A day, ten days ahead, on which the doctor has sixteen half-hour slots from 9."""
    return timezone.now().astimezone(ZONE).date() + timedelta(days=10)


@pytest.fixture
def offered(schedule):
    """The times offered from that day on, for one day or as many as said, on the hospital's clock."""

    def offered(first, days=1, doctor_id=schedule.doctor_id, now=None):
        start, end = slots.day_bounds(first, first + timedelta(days=days - 1), "Asia/Kolkata")
        found = selectors.free_slots(doctor_id, start=start, end=end, now=now or timezone.now())
        shown = [f"{slot.starts_at.astimezone(ZONE):%H:%M}" for slot in found.found]
        return shown or found.reason

    return offered


def at(day, wall):
    return datetime.combine(day, time.fromisoformat(wall), tzinfo=ZONE).astimezone(UTC)


def keep(schedule, **settings):
    services.set_availability(schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings=settings)


# --- buffers ---


def test_the_doctor_is_kept_free_after_each_appointment(schedule, book, offered, day):
    keep(schedule, buffer_minutes=15)
    assert offered(day)[:3] == ["09:00", "09:45", "10:30"]
    appointment = book(at(day, "09:45"))
    assert appointment.ends_at == at(day, "10:15")
    assert appointment.busy_until == at(day, "10:30")
    assert offered(day)[:3] == ["09:00", "10:30", "11:15"]


def test_an_appointment_keeps_the_buffer_that_it_was_booked_with(schedule, book, offered, day):
    keep(schedule, buffer_minutes=15)
    appointment = book(at(day, "09:45"))
    keep(schedule, buffer_minutes=0)
    assert Appointment.objects.get(pk=appointment.pk).busy_until == at(day, "10:30")
    assert offered(day)[:4] == ["09:00", "10:30", "11:00", "11:30"]


def test_no_slot_is_offered_or_booked_whose_buffer_an_appointment_stands_in(schedule, book, offered, day):
    book(at(day, "09:30"))
    keep(schedule, buffer_minutes=15)
    assert offered(day)[:2] == ["10:30", "11:15"]
    with pytest.raises(exceptions.SlotTaken):
        book(at(day, "09:00"), by=PatientFactory().user)
    assert Appointment.objects.count() == 1


def test_moved_to_another_time_it_has_the_buffer_of_today(schedule, book, day):
    appointment = book(at(day, "09:30"))
    keep(schedule, buffer_minutes=30)
    moved = services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=at(day, "11:00"))
    assert (moved.ends_at, moved.busy_until) == (at(day, "11:30"), at(day, "12:00"))


def test_the_buffer_is_the_doctors_and_not_the_patients(schedule, book, patient, day, hospital):
    """Who leaves one doctor at half past nine sees the next one then."""
    keep(schedule, buffer_minutes=30)
    book(at(day, "09:00"))
    colleague = AffiliationFactory(hospital=hospital).doctor
    services.set_availability(
        colleague.pk, hospital.pk, by=colleague.user, weekly_hours=[slots.Opening(day.weekday(), time(9), time(12))]
    )
    second = services.book_appointment(
        by=patient.user, doctor_id=colleague.pk, hospital_id=hospital.pk, starts_at=at(day, "09:30")
    )
    assert second.pk


# --- daily caps ---


@pytest.fixture
def full_day(schedule, book, day):
    """Two appointments, and no more than two a day."""
    keep(schedule, daily_cap=2)
    return [book(at(day, wall), by=PatientFactory().user) for wall in ("09:00", "14:00")]


def test_a_full_day_is_offered_no_more_and_its_neighbours_are(full_day, offered, day):
    assert offered(day) == slots.NoSlots.FULL
    assert len(offered(day - timedelta(days=1))) == 16
    assert len(offered(day + timedelta(days=1))) == 16


def test_whoever_books_on_a_full_day_is_refused_with_times_on_other_days(full_day, book, day):
    messages = Message.objects.count()
    with pytest.raises(exceptions.DayFull) as refused:
        book(at(day, "11:00"), by=PatientFactory().user)
    found = [alternative["starts_at"] for alternative in refused.value.data["alternatives"]]
    assert found == [at(day + timedelta(days=1), wall) for wall in ("09:00", "09:30", "10:00")]
    assert (Appointment.objects.count(), Message.objects.count()) == (2, messages)


def test_without_the_cap_the_same_time_is_booked(full_day, schedule, book, day):
    """The control of the refusal above."""
    keep(schedule, daily_cap=None)
    assert book(at(day, "11:00"), by=PatientFactory().user).pk


def test_within_a_full_day_an_appointment_is_moved_and_into_it_none(full_day, schedule, book, day):
    appointment = full_day[0]
    moved = services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=at(day, "11:00"))
    assert moved.starts_at == at(day, "11:00")
    other = book(at(day + timedelta(days=1), "09:00"), by=PatientFactory().user)
    with pytest.raises(exceptions.DayFull):
        services.reschedule_appointment(other.pk, by=other.patient.user, starts_at=at(day, "09:00"))
    assert Appointment.objects.get(pk=other.pk).version == 1


def test_who_cancels_makes_room_in_the_day(full_day, offered, day):
    services.cancel_appointment(full_day[0].pk, by=full_day[0].patient.user)
    assert len(offered(day)) == 15


def test_appointments_at_another_hospital_do_not_fill_the_day(full_day, schedule, offered, day):
    elsewhere = AffiliationFactory(doctor=schedule.doctor, is_primary=False).hospital
    Appointment.objects.filter(pk=full_day[0].pk).update(hospital=elsewhere)
    assert len(offered(day)) == 14


@pytest.mark.parametrize(("minutes", "is_full"), [(1, True), (0, False), (-1, False)])
def test_what_is_held_fills_the_day_and_its_time_until_the_hold_is_over(schedule, offered, day, minutes, is_full):
    now = timezone.now()
    AppointmentFactory(
        doctor=schedule.doctor, hospital=schedule.hospital, status="held", held_until=now + timedelta(minutes=minutes),
        starts_at=at(day, "09:00"), ends_at=at(day, "09:30"),
    )  # fmt: skip
    assert offered(day, now=now)[0] == ("09:30" if is_full else "09:00")
    keep(schedule, daily_cap=1)
    assert (offered(day, now=now) == slots.NoSlots.FULL) == is_full


def test_the_directory_looks_again_when_a_hold_is_over(schedule):
    now = timezone.now()
    first = selectors.outlooks([schedule.doctor_id], now=now)[schedule.doctor_id].next_free_at
    until = now + timedelta(minutes=10)
    AppointmentFactory(
        doctor=schedule.doctor, hospital=schedule.hospital, status="held", held_until=until,
        starts_at=first, ends_at=first + HALF_HOUR,
    )  # fmt: skip
    said = selectors.outlooks([schedule.doctor_id], now=now)[schedule.doctor_id]
    assert said.next_free_at > first
    assert said.holds_until == until
    assert selectors.outlooks([schedule.doctor_id], now=until)[schedule.doctor_id].next_free_at >= first


# --- extra hours ---


def add_extra(schedule, *openings, by=None, remove=()):
    return services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=by or schedule.doctor.user,
        extra_hours=[slots.ExtraOpening(day, time.fromisoformat(starts), time.fromisoformat(ends))
                     for day, starts, ends in openings],
        remove_extra_hours=remove,
    )  # fmt: skip


def test_extra_hours_are_offered_on_their_day_and_booked(schedule, book, offered, day):
    add_extra(schedule, (day, "18:00", "19:00"))
    assert offered(day)[-3:] == ["16:30", "18:00", "18:30"]
    assert offered(day + timedelta(days=7))[-1] == "16:30"
    assert book(at(day, "18:30")).pk


def test_a_doctor_with_extra_hours_alone_takes_appointments(schedule, offered, day):
    WeeklyHours.objects.all().delete()
    add_extra(schedule, (day, "18:00", "19:00"))
    services.check_calendars()
    schedule.doctor.refresh_from_db()
    assert schedule.doctor.is_bookable
    assert schedule.doctor.next_free_at == at(day, "18:00")
    assert offered(day) == ["18:00", "18:30"]


def test_extra_hours_that_are_removed_are_offered_no_more(schedule, offered, day):
    add_extra(schedule, (day, "18:00", "19:00"))
    add_extra(schedule, (day, "18:30", "20:00"), remove=[ExtraHours.objects.get().pk])
    assert offered(day)[-3:] == ["18:30", "19:00", "19:30"]


@pytest.mark.parametrize(
    ("openings", "is_refused"),
    [
        ([("17:00", "18:00")], False),
        ([("16:59", "18:00")], True),
        ([("08:00", "09:00")], False),
        ([("08:00", "09:01")], True),
        ([("10:00", "11:00")], True),
        ([("18:00", "19:00"), ("19:00", "20:00")], False),
        ([("18:00", "19:01"), ("19:00", "20:00")], True),
        ([("20:00", "09:00")], False),  # until the week's hours of the next day begin
        ([("20:00", "09:30")], True),
    ],
)
def test_extra_hours_meet_neither_the_week_nor_one_another(schedule, day, openings, is_refused):
    wanted = [(day, *opening) for opening in openings]
    if not is_refused:
        add_extra(schedule, *wanted)
        assert ExtraHours.objects.count() == len(wanted)
        return
    with pytest.raises(exceptions.ExtraHoursOverlap):
        add_extra(schedule, *wanted)
    assert not ExtraHours.objects.exists()


def test_extra_hours_of_a_day_that_is_over_are_not_entered_twice_either(schedule):
    add_extra(schedule, (date(2020, 1, 1), "18:00", "19:00"))
    with pytest.raises(exceptions.ExtraHoursOverlap):
        add_extra(schedule, (date(2020, 1, 1), "18:00", "19:00"))


def test_extra_hours_do_not_meet_the_weeks_of_a_night_before(schedule, day):
    services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user,
        weekly_hours=[slots.Opening(day.weekday(), time(22), time(6))],
    )  # fmt: skip
    morrow = day + timedelta(days=1)
    with pytest.raises(exceptions.ExtraHoursOverlap):
        add_extra(schedule, (morrow, "05:30", "07:00"))
    add_extra(schedule, (morrow, "06:00", "07:00"))


def test_a_new_week_has_room_for_the_extra_hours_that_are_to_come(schedule, day):
    add_extra(schedule, (day, "18:00", "19:00"))
    ExtraHours.objects.create(schedule=schedule, day=day - timedelta(days=21), starts=time(18), ends=time(19))
    with pytest.raises(exceptions.ExtraHoursOverlap):
        services.set_availability(
            schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user,
            weekly_hours=[slots.Opening(day.weekday(), time(9), time(18, 30))],
        )  # fmt: skip
    assert schedule.weekly_hours.count() == 7
    add_extra(schedule, remove=[ExtraHours.objects.get(day=day).pk])
    services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user,
        weekly_hours=[slots.Opening(day.weekday(), time(9), time(18, 30))],
    )  # fmt: skip


@pytest.mark.parametrize("unlikely", [date(1999, 12, 31), date(2100, 1, 1)])
def test_extra_hours_lie_within_this_century(schedule, unlikely):
    with pytest.raises(Invalid):
        add_extra(schedule, (unlikely, "18:00", "19:00"))


def test_only_the_schedules_own_extra_hours_are_removed(schedule, day, other_hospital):
    elsewhere = AffiliationFactory(doctor=schedule.doctor, hospital=other_hospital, is_primary=False)
    other = DoctorSchedule.objects.create(doctor=schedule.doctor, hospital=elsewhere.hospital)
    there = ExtraHours.objects.create(schedule=other, day=day, starts=time(9), ends=time(10))
    for key in (there.pk, uuid4()):
        with pytest.raises(NotFound):
            add_extra(schedule, (day, "18:00", "19:00"), remove=[key])
    assert ExtraHours.objects.get() == there


def test_extra_hours_are_entered_by_those_who_keep_the_hours(schedule, day, patient, coordinator, hospital_admin):
    for user in (patient.user, coordinator):
        with pytest.raises(Forbidden):
            add_extra(schedule, (day, "18:00", "19:00"), by=user)
    add_extra(schedule, (day, "18:00", "19:00"), by=hospital_admin)
    assert ExtraHours.objects.count() == 1


# --- closures and public holidays ---


@pytest.mark.parametrize("whose", ["hospital", "doctor"])
def test_while_closed_nothing_is_offered_and_nothing_booked(schedule, book, offered, day, whose):
    add_extra(schedule, (day, "18:00", "19:00"))
    Closure.objects.create(
        hospital=schedule.hospital, doctor=schedule.doctor if whose == "doctor" else None,
        starts_on=day, ends_on=day + timedelta(days=1), reason="Painters",
    )  # fmt: skip
    assert offered(day, days=2) == slots.NoSlots.CLOSED
    assert len(offered(day - timedelta(days=1))) == 16
    assert len(offered(day + timedelta(days=2))) == 16
    for wall in ("09:00", "18:00"):
        with pytest.raises(exceptions.SlotNotOffered) as refused:
            book(at(day, wall))
        assert refused.value.data["alternatives"][0]["starts_at"] == at(day + timedelta(days=2), "09:00")
    assert not Appointment.objects.exists()


def test_what_closes_others_closes_nobody_else(schedule, offered, day):
    Closure.objects.create(hospital=schedule.hospital, doctor=DoctorFactory(), starts_on=day, ends_on=day)
    Closure.objects.create(hospital=HospitalFactory(), starts_on=day, ends_on=day)
    Closure.objects.create(hospital=HospitalFactory(), doctor=schedule.doctor, starts_on=day, ends_on=day)
    assert len(offered(day)) == 16


def holiday(day, country="IN", **more):
    return PublicHoliday.objects.create(country=country, day=day, name="Diwali", **more)


def test_on_a_public_holiday_only_extra_hours_are_offered(schedule, book, offered, day):
    holiday(day)
    assert offered(day) == slots.NoSlots.CLOSED
    with pytest.raises(exceptions.SlotNotOffered):
        book(at(day, "09:00"))
    add_extra(schedule, (day, "18:00", "19:00"))
    assert offered(day) == ["18:00", "18:30"]
    assert book(at(day, "18:00")).pk


@pytest.mark.parametrize("which", ["of another country", "not observed", "worked on"])
def test_a_holiday_that_is_none_here_closes_nothing(schedule, offered, day, which):
    holiday(day, country="TH" if which == "of another country" else "IN", is_observed=which != "not observed")
    if which == "worked on":
        keep(schedule, works_on_holidays=True)
    assert len(offered(day)) == 16


def test_a_closed_day_is_passed_over_for_the_next_free_time(schedule):
    today = timezone.now().astimezone(ZONE).date()
    holiday(today + timedelta(days=1))
    Closure.objects.create(hospital=schedule.hospital, starts_on=today, ends_on=today)
    services.check_calendars()
    schedule.doctor.refresh_from_db()
    assert schedule.doctor.next_free_at == at(today + timedelta(days=2), "09:00")


# --- over the API ---


@pytest.fixture
def url(schedule):
    return f"/api/v1/doctors/{schedule.doctor_id}"


@pytest.fixture
def unlike_the_week(schedule, day):
    """Extra hours, a closure of three days and a holiday around the day."""
    add_extra(schedule, (day, "18:00", "19:00"), (day + timedelta(days=30), "18:00", "19:00"))
    Closure.objects.create(
        hospital=schedule.hospital, starts_on=day + timedelta(days=1), ends_on=day + timedelta(days=3),
        reason="KANARI-REASON",
    )  # fmt: skip
    holiday(day)


def test_the_schedule_tells_extra_hours_and_closed_days_of_the_period(api, schedule, url, day, unlike_the_week):
    response = api().get(f"{url}/schedule?from={day}&to={day + timedelta(days=1)}&tz=Asia/Kolkata")
    data = response.json()["data"]
    place = {"hospital_id": str(schedule.hospital_id), "hospital_name": schedule.hospital.name_en}
    assert data["extra_hours"] == [
        {**place, "time_zone": "Asia/Kolkata", "day": f"{day}", "starts": "18:00", "ends": "19:00",
         "takes_bookings": True},
    ]  # fmt: skip
    assert data["closed_days"] == [
        {**place, "first_day": f"{day}", "last_day": f"{day}", "holiday": "Diwali"},
        {**place, "first_day": f"{day + timedelta(days=1)}", "last_day": f"{day + timedelta(days=3)}", "holiday": None},
    ]
    assert [slot["hospital_time"]["time"][11:16] for slot in data["slots"]] == ["18:00", "18:30"]
    assert "KANARI" not in response.content.decode()


def test_a_closed_period_says_so_and_when_next(api, url, day, unlike_the_week):
    first, last = day + timedelta(days=1), day + timedelta(days=3)
    data = api().get(f"{url}/schedule?from={first}&to={last}&tz=Asia/Kolkata").json()["data"]
    assert (data["slots"], data["no_slots"]) == ([], "closed")
    assert data["no_slots_text"]
    assert data["next_free"]["hospital_time"]["time"] == f"{day + timedelta(days=4)}T09:00:00+05:30"


def test_days_unlike_the_week_cost_no_query_more(api, url, day, unlike_the_week, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert api().get(f"{url}/schedule?from={day}&to={day}&tz=Asia/Kolkata").json()["data"]["slots"]


def test_the_doctor_sets_buffer_cap_and_extra_hours(api, schedule, url, day):
    body = {
        "hospital_id": str(schedule.hospital_id), "buffer_minutes": 10, "daily_cap": 12, "works_on_holidays": True,
        "extra_hours": [{"day": f"{day}", "starts": "18:00", "ends": "19:00"}],
    }  # fmt: skip
    response = api(schedule.doctor.user).patch(f"{url}/availability", body)
    assert response.status_code == 200, response.json()
    data = response.json()["data"]
    assert (data["buffer_minutes"], data["daily_cap"], data["works_on_holidays"]) == (10, 12, True)
    (extra,) = data["extra_hours"]
    assert extra == {"id": extra["id"], "day": f"{day}", "starts": "18:00", "ends": "19:00"}
    assert len(data["weekly_hours"]) == 7

    body = {"hospital_id": str(schedule.hospital_id), "daily_cap": None, "remove_extra_hours": [extra["id"]]}
    data = api(schedule.doctor.user).patch(f"{url}/availability", body).json()["data"]
    assert (data["buffer_minutes"], data["daily_cap"], data["works_on_holidays"]) == (10, None, True)
    assert data["extra_hours"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"buffer_minutes": 121}, "buffer_minutes"),
        ({"buffer_minutes": -1}, "buffer_minutes"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"daily_cap": 201}, "daily_cap"),
        ({"works_on_holidays": "perhaps"}, "works_on_holidays"),
        ({"extra_hours": [{"day": "2100-01-01", "starts": "18:00", "ends": "19:00"}]}, "extra_hours.0.day"),
        ({"extra_hours": [{"day": "2031-02-29", "starts": "18:00", "ends": "19:00"}]}, "extra_hours.0.day"),
        ({"extra_hours": [{"day": "2031-02-28", "starts": "18:00", "ends": "18:00"}]}, "extra_hours.0.ends"),
        ({"extra_hours": [{"day": "2031-02-28", "starts": "16:00", "ends": "18:00"}]}, "extra_hours"),
        ({"remove_extra_hours": ["x"]}, "remove_extra_hours.0"),
    ],
)
def test_what_makes_no_sense_is_400_and_changes_nothing(api, schedule, url, body, field):
    response = api(schedule.doctor.user).patch(
        f"{url}/availability", {"hospital_id": str(schedule.hospital_id), "slot_minutes": 20, **body}
    )
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert DoctorSchedule.objects.get().slot_minutes == 30
    assert not ExtraHours.objects.exists()


def test_a_full_day_is_409_with_alternatives(api, full_day, schedule, day):
    response = api(PatientFactory().user).post(
        "/api/v1/appointments",
        {
            "doctor_id": str(schedule.doctor_id), "hospital_id": str(schedule.hospital_id),
            "starts_at": at(day, "11:00").isoformat(),
        },
    )  # fmt: skip
    assert (response.status_code, response.json()["code"]) == (409, "booking.day_full")
    assert len(response.json()["data"]["alternatives"]) == 3


def test_who_keeps_the_hours_sees_the_extra_ones_of_a_place_that_takes_no_bookings(api, schedule, url, day):
    add_extra(schedule, (day, "18:00", "19:00"))
    schedule.doctor.affiliations.update(status="ended")
    path = f"{url}/schedule?from={day}&to={day}&tz=Asia/Kolkata"
    assert api().get(path).json()["data"]["extra_hours"] == []
    (seen,) = api(UserFactory(role=Role.ADMIN)).get(path).json()["data"]["extra_hours"]
    assert seen["takes_bookings"] is False
