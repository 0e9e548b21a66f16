"""The directory's next free times: exactly the first slot of the public schedule, found by a job after a change."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
import structlog
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.bookings import selectors, services, slots, tasks
from apps.bookings.models import CalendarCheck, Closure, ExtraHours, PublicHoliday, TimeOff, WeeklyHours
from apps.bookings.services import next_free
from apps.common.exceptions import NotFound
from apps.hospitals.models import Affiliation, Doctor, Hospital, Licence
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

HOUR = timedelta(hours=1)
ZONES = ["Asia/Kolkata", "America/Los_Angeles", "Europe/Istanbul", "Australia/Lord_Howe"]


def said(doctor):
    return Doctor.objects.values_list("next_free_at", flat=True).get(pk=doctor.pk)


def first_of_schedule(doctor, now):
    """The slow way: everything that the public schedule offers for a year, and of that the first."""
    try:
        found = selectors.free_slots(doctor.pk, start=now, end=now + timedelta(days=370), now=now).found
    except NotFound:
        return None
    return found[0].starts_at if found else None


def marked(doctor):
    return CalendarCheck.objects.filter(doctor=doctor, due_at__lte=timezone.now()).exists()


@pytest.fixture
def told(schedule):
    """The directory is told, and nothing is due."""
    services.check_calendars()
    assert said(schedule.doctor) == first_of_schedule(schedule.doctor, timezone.now())
    assert not marked(schedule.doctor)
    return schedule


# --- against the slow way ---


def random_days(chance, schedule, today):
    """Extra hours, and closures of the hospital or of the doctor there."""
    for ahead in chance.sample(range(12), chance.randint(0, 2)):
        ExtraHours.objects.create(schedule=schedule, day=today + timedelta(days=ahead), starts=time(23), ends=time(1))
    if chance.random() < 0.2:
        first = today + timedelta(days=chance.randint(-1, 9))
        Closure.objects.create(
            hospital=schedule.hospital, doctor=chance.choice([None, schedule.doctor]),
            starts_on=first, ends_on=first + timedelta(days=chance.randint(0, 4)),
        )  # fmt: skip


def random_doctor(chance, hospitals, now):
    """Hours at one or two hospitals, days unlike the week, leave, appointments, a licence that may end soon."""
    doctor = DoctorFactory(verification=chance.choices(["approved", "pending"], [9, 1])[0])
    today = now.date()
    if chance.random() < 0.3:
        Licence.objects.filter(doctor=doctor).update(expires_on=today + timedelta(days=chance.randint(-2, 9)))
    for number, hospital in enumerate(chance.sample(hospitals, chance.randint(1, 2))):
        ends_on = today + timedelta(days=chance.randint(0, 9)) if chance.random() < 0.2 else None
        affiliation = AffiliationFactory(doctor=doctor, hospital=hospital, is_primary=number == 0, ends_on=ends_on)
        schedule = DoctorScheduleFactory(
            affiliation=affiliation, weekly_hours=[], slot_minutes=chance.choice([15, 30, 45, 60]),
            minimum_notice_minutes=chance.choice([0, 120, 60 * 48]), horizon_days=chance.choice([1, 3, 30, 365]),
            buffer_minutes=chance.choice([0, 0, 10]), daily_cap=chance.choice([None, None, 1, 3]),
            works_on_holidays=chance.random() < 0.2,
        )  # fmt: skip
        for weekday in chance.sample(range(7), chance.randint(0, 3)):
            starts = chance.randint(0, 22)
            WeeklyHours.objects.create(
                schedule=schedule, weekday=weekday, starts=time(starts), ends=time(chance.randint(starts + 1, 23)),
                effective_until=today + timedelta(days=chance.randint(-1, 20)) if chance.random() < 0.2 else None,
                effective_from=today + timedelta(days=chance.randint(-3, -1)) if chance.random() < 0.1 else None,
            )  # fmt: skip
    for schedule in doctor.schedules.all():
        random_days(chance, schedule, today)
    if chance.random() < 0.4:
        starts_at = now + timedelta(hours=chance.randint(-30, 60))
        TimeOff.objects.create(doctor=doctor, starts_at=starts_at, ends_at=starts_at + timedelta(days=7))
    offered = selectors.calendars_of([doctor.pk], now=now)[doctor.pk].plans
    for slot in slots.offered(offered, now, now + timedelta(days=4), now)[:: chance.randint(1, 2)]:
        AppointmentFactory(
            affiliation=affiliation, doctor=doctor, starts_at=slot.starts_at, ends_at=slot.ends_at,
            status=chance.choice(["requested", "appointment_confirmed", "rejected"]),
        )  # fmt: skip
        if chance.random() < 0.3:
            break
    return doctor


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_for_any_calendar_it_is_the_first_slot_of_the_schedule_now_and_as_time_goes_by(seed):
    chance, now = random.Random(seed), timezone.now()
    hospitals = [HospitalFactory(time_zone=zone) for zone in ZONES]
    for ahead in chance.sample(range(12), 3):
        PublicHoliday.objects.create(country=hospitals[0].country, day=now.date() + timedelta(days=ahead), name="Holi")
    doctors = [random_doctor(chance, hospitals, now) for _number in range(15)]
    services.check_calendars(now=timezone.now())
    for hours in (0, 1, 5, 26, 24 * 4, 24 * 9):
        at = timezone.now() + hours * HOUR
        services.check_calendars(now=at)
        expected = {doctor.pk: first_of_schedule(doctor, at) for doctor in doctors}
        assert {doctor.pk: said(doctor) for doctor in doctors} == expected
        assert hours or any(expected.values())
        plans = {key: row.plans for key, row in selectors.calendars_of(expected, now=at).items()}
        bookable = {key for key, of_doctor in plans.items() if any(plan.is_open(at) for plan in of_doctor)}
        assert set(Doctor.objects.filter(is_bookable=True).values_list("pk", flat=True)) == bookable


# --- how long it holds: pure ---

NOW = datetime(2026, 3, 26, 11, 17, tzinfo=UTC)


@st.composite
def plans(draw):
    weekly = [
        slots.Opening(
            draw(st.integers(0, 6)),
            time(draw(st.integers(0, 23))),
            time(draw(st.integers(0, 23)), 30),
            effective_until=draw(st.none() | st.dates(date(2026, 3, 20), date(2026, 4, 20))),
        )
        for _number in range(draw(st.integers(0, 3)))
    ]
    days = st.dates(date(2026, 3, 25), date(2026, 4, 9))
    extra = [slots.ExtraOpening(day, time(7), time(9, 30)) for day in draw(st.lists(days, max_size=2))]
    return slots.Plan(
        UUID(int=draw(st.integers(0, 3))),
        draw(st.sampled_from(ZONES)),
        tuple(weekly),
        length=timedelta(minutes=draw(st.sampled_from([30, 90]))),
        buffer=timedelta(minutes=draw(st.sampled_from([0, 15]))),
        daily_cap=draw(st.none() | st.integers(1, 2)),
        extra=tuple(extra),
        closures=tuple((day, day + timedelta(days=1)) for day in draw(st.lists(days, max_size=2))),
        holidays=tuple(draw(st.lists(days, max_size=2))),
        notice=timedelta(hours=draw(st.sampled_from([0, 2, 50]))),
        horizon=timedelta(days=draw(st.sampled_from([1, 2, 9]))),
        last_day=draw(st.none() | st.dates(date(2026, 3, 24), date(2026, 4, 9))),
        licensed_until=draw(st.none() | st.dates(date(2026, 3, 24), date(2026, 4, 9))),
    )


PERIODS = st.lists(
    st.tuples(st.integers(-20, 300), st.integers(1, 90)).map(
        lambda pair: (NOW + pair[0] * HOUR, NOW + (pair[0] + pair[1]) * HOUR)
    ),
    max_size=4,
)


@st.composite
def busy_times(draw):
    """Leave, and appointments at either hospital."""
    meetings = draw(PERIODS)
    hospitals = st.integers(0, 3).map(lambda number: UUID(int=number))
    return slots.Busy(
        doctor=meetings, leave=draw(PERIODS), booked=[(draw(hospitals), starts_at) for starts_at, _ends_at in meetings]
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(plans(), max_size=2), busy_times(), st.integers(1, 60 * 24 * 12))
def test_what_is_said_stays_true_until_it_says_it_does(of_doctor, busy, minutes):
    first = slots.outlook(of_doctor, busy, NOW)
    later = NOW + timedelta(minutes=minutes)
    if first.holds_until and later >= first.holds_until:
        later = first.holds_until - timedelta(microseconds=1)
    then = slots.outlook(of_doctor, busy, later)
    assert (then.next_free_at, then.is_open) == (first.next_free_at, first.is_open)


# --- what asks for a look ---

CHANGES = {
    "leave": lambda schedule: services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=timezone.now(), ends_at=timezone.now() + 9 * HOUR
    ),
    "hours": lambda schedule: services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, weekly_hours=[]
    ),
    "slot length": lambda schedule: services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings={"slot_minutes": 60}
    ),
    "a buffer": lambda schedule: services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings={"buffer_minutes": 15}
    ),
    "a cap": lambda schedule: services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings={"daily_cap": 1}
    ),
    "extra hours": lambda schedule: ExtraHours.objects.create(
        schedule=schedule, day=timezone.now().date() + timedelta(days=1), starts=time(6), ends=time(7)
    ),
    "a closure of the hospital": lambda schedule: Closure.objects.create(
        hospital=schedule.hospital, starts_on=timezone.now().date(), ends_on=timezone.now().date() + timedelta(days=2)
    ),
    "a closure of the doctor's": lambda schedule: Closure.objects.create(
        hospital=schedule.hospital,
        doctor=schedule.doctor,
        starts_on=timezone.now().date(),
        ends_on=timezone.now().date() + timedelta(days=2),
    ),
    "a public holiday": lambda schedule: PublicHoliday.objects.create(
        country="IN", day=timezone.now().date() + timedelta(days=1), name="Holi"
    ),
    "an appointment": lambda schedule: AppointmentFactory(doctor=schedule.doctor, hospital=schedule.hospital),
    "the affiliation": lambda schedule: Affiliation.objects.update(status="ended"),
    "its last day": lambda schedule: Affiliation.objects.update(ends_on=date(2031, 1, 1)),
    "the hospital": lambda schedule: Hospital.objects.update(is_active=False),
    "its clock": lambda schedule: Hospital.objects.update(time_zone="Asia/Dubai"),
    "the doctor": lambda schedule: Doctor.objects.update(verification="rejected", rejection_reason="x"),
    "the account": lambda schedule: type(schedule.doctor.user).objects.update(is_active=False),
    "the licence": lambda schedule: Licence.objects.update(expires_on=timezone.now().date() - timedelta(days=1)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_a_calendar_hangs_on_asks_for_a_look_and_the_look_sets_it_right(told, change):
    change(told)
    assert marked(told.doctor)
    services.check_calendars()
    assert said(told.doctor) == first_of_schedule(told.doctor, timezone.now())
    assert not marked(told.doctor)


@pytest.mark.django_db
def test_what_changes_no_calendar_asks_for_none(told, appointment):
    services.check_calendars()
    services.edit_appointment(appointment.pk, by=appointment.patient.user, complaint="Also at night")
    told.doctor.bio_en = "Another text"
    told.doctor.save()
    assert not marked(told.doctor)


@pytest.mark.django_db
def test_a_doctor_who_is_gone_is_nobody_to_look_at(schedule):
    doctor = schedule.doctor
    schedule.delete()
    Affiliation.objects.all().delete()
    doctor.delete()
    services.check_calendars()
    assert not CalendarCheck.objects.exists()


@pytest.mark.django_db
def test_hours_that_lapse_with_a_day_take_the_doctor_off_those_who_take_appointments(schedule):
    last_day = timezone.now().date() + timedelta(days=3)
    WeeklyHours.objects.update(effective_until=last_day)
    services.check_calendars()
    assert Doctor.objects.get(pk=schedule.doctor_id).is_bookable
    over = slots.end_of(last_day, schedule.hospital.time_zone)
    services.check_calendars(now=over - timedelta(minutes=1))
    assert Doctor.objects.get(pk=schedule.doctor_id).is_bookable
    services.check_calendars(now=over)
    assert not Doctor.objects.get(pk=schedule.doctor_id).is_bookable


@pytest.mark.django_db
def test_the_sweep_asks_for_a_look_at_everyone_with_hours(told):
    tasks.want_checks()
    assert marked(told.doctor)
    tasks.check_calendars()
    assert not marked(told.doctor)


@pytest.mark.django_db
def test_many_doctors_cost_as_many_queries_as_one(told, django_assert_max_num_queries):
    for _number in range(12):
        DoctorScheduleFactory()
    with django_assert_max_num_queries(16):  # two batches, the second one empty
        services.check_calendars()
    assert Doctor.objects.exclude(next_free_at=None).count() == 13


@pytest.mark.django_db
def test_of_those_alone_who_have_no_time_soon_later_days_are_read(told, django_assert_num_queries):
    away, now = DoctorScheduleFactory(), timezone.now()
    ids = [told.doctor_id, away.doctor_id]
    with django_assert_num_queries(2):
        soon = selectors.outlooks(ids, now=now)
    TimeOff.objects.create(doctor=away.doctor, starts_at=now, ends_at=now + timedelta(days=20))
    with django_assert_num_queries(3):
        later = selectors.outlooks(ids, now=now)
    assert later[told.doctor_id] == soon[told.doctor_id]
    assert later[away.doctor_id].next_free_at == first_of_schedule(away.doctor, now)
    assert later[away.doctor_id].next_free_at > now + timedelta(days=20)


# --- calendars that cannot be worked out ---

BROKEN = {
    "a clock that is none": lambda doctor: Hospital.objects.filter(schedules__doctor=doctor).update(time_zone="X/Y"),
    "leave beyond the calendar": lambda doctor: TimeOff.objects.create(
        doctor=doctor,
        starts_at=timezone.now(),
        ends_at=datetime(9999, 12, 31, 23, tzinfo=timezone.get_fixed_timezone(-90)),
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("break_", BROKEN.values(), ids=BROKEN)
def test_a_calendar_that_cannot_be_worked_out_stops_no_other_and_is_put_off(told, break_):
    others = [DoctorScheduleFactory().doctor for _number in range(6)]
    Doctor.objects.filter(pk=told.doctor_id).update(is_bookable=True)
    break_(told.doctor)
    with structlog.testing.capture_logs() as logs:
        services.check_calendars()
    now = timezone.now()
    assert [said(doctor) for doctor in others] == [first_of_schedule(doctor, now) for doctor in others]
    assert said(told.doctor) is None
    assert not Doctor.objects.get(pk=told.doctor_id).is_bookable
    assert [(line["event"], line["doctor_id"]) for line in logs] == [("calendar_check_failed", str(told.doctor_id))]
    assert not marked(told.doctor), "the next run, a minute later, leaves it alone"


@pytest.mark.django_db
def test_a_calendar_that_is_repaired_is_worked_out_again(told):
    Hospital.objects.update(time_zone="X/Y")
    services.check_calendars()
    Hospital.objects.update(time_zone="Asia/Kolkata")
    services.check_calendars()
    assert said(told.doctor) == first_of_schedule(told.doctor, timezone.now()) is not None


@pytest.mark.django_db
def test_a_database_that_is_away_is_no_calendar_s_fault(told, monkeypatch):
    services.want_checks()

    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(selectors, "outlooks", away)
    with pytest.raises(OperationalError):
        services.check_calendars()
    assert said(told.doctor)
    assert marked(told.doctor)


# --- at the same time ---


@pytest.mark.django_db(transaction=True)
def test_a_change_while_the_job_reads_is_seen_by_the_next_run(schedule, monkeypatch):
    doctor, say = schedule.doctor, next_free._say

    def say_late(doctor_ids, now):
        """The doctor leaves for a month after the calendars were read, and before they are written."""
        monkeypatch.setattr(next_free, "_say", say)
        outlooks = selectors.outlooks(doctor_ids, now=now)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(leave).result(30)
        monkeypatch.setattr(selectors, "outlooks", lambda *args, **kwargs: outlooks)
        say(doctor_ids, now)
        monkeypatch.undo()

    def leave():
        try:
            now = timezone.now()
            services.add_time_off(doctor.pk, by=doctor.user, starts_at=now, ends_at=now + timedelta(days=30))
        finally:
            connection.close()

    monkeypatch.setattr(next_free, "_say", say_late)
    services.check_calendars()
    assert said(doctor) != first_of_schedule(doctor, timezone.now()), "it was read before the leave"
    services.check_calendars()
    assert said(doctor) == first_of_schedule(doctor, timezone.now())


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_time_share_the_work_and_wait_for_nobody(schedule):
    others = [DoctorScheduleFactory() for _number in range(20)]
    CalendarCheck.objects.all().delete()
    services.want_checks()
    start = threading.Barrier(4)

    def run():
        try:
            start.wait(30)
            return services.check_calendars()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(run) for _number in range(4)]
        total = sum(future.result(60) for future in futures)
    assert total == len(others) + 1
    assert Doctor.objects.exclude(next_free_at=None).count() == len(others) + 1
    assert CalendarCheck.objects.count() == len(others) + 1, "each is to be looked at once more, later"
