"""The contract's rows of appointments and of a doctor's schedule, over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Appointment, TimeOff, WeeklyHours
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

APPOINTMENTS = "/api/v1/appointments"


def body_of(slot, schedule, **more):
    return {
        "doctor_id": str(schedule.doctor_id),
        "hospital_id": str(schedule.hospital_id),
        "starts_at": slot.starts_at.isoformat(),
    } | more


# --- POST /appointments ---


def test_a_patient_books_and_reads_both_times(api, patient, schedule, free):
    patient.user.time_zone = "America/New_York"
    patient.user.save()
    response = api(patient.user).post(APPOINTMENTS, body_of(free[0], schedule, complaint="Left knee"))

    assert response.status_code == 201, response.json()
    data = response.json()["data"]
    assert data["status"] == "requested"
    assert data["number"].startswith("AP-")
    assert data["starts_at"] == free[0].starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    local = free[0].starts_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert data["hospital_time"] == {"time": local.isoformat(), "zone": "Asia/Kolkata", "offset": "+05:30"}
    assert data["your_time"]["zone"] == "America/New_York"
    assert datetime.fromisoformat(data["your_time"]["time"]) == free[0].starts_at
    assert data["complaint"] == "Left knee"
    assert (data["fee"], data["currency"]) == ("1500.00", "INR")
    assert [event["to_status"] for event in data["events"]] == ["requested"]
    assert [move["to"] for move in data["moves"]] == ["cancelled"]
    assert data["moves"][0]["is_possible"]


def test_a_taken_slot_is_409_with_fresh_alternatives(api, patient, other_patient, schedule, free):
    body = body_of(free[0], schedule)
    assert api(patient.user).post(APPOINTMENTS, body).status_code == 201
    response = api(other_patient.user).post(APPOINTMENTS, body)

    assert response.status_code == 409
    assert response.json()["code"] == "booking.slot_taken"
    alternatives = response.json()["data"]["alternatives"]
    assert len(alternatives) == 3
    again = api(other_patient.user).post(APPOINTMENTS, body | {"starts_at": alternatives[0]["starts_at"]})
    assert again.status_code == 201


def test_the_same_key_books_once_and_gives_the_same_answer(api, patient, schedule, free):
    client, body = api(patient.user), body_of(free[0], schedule)
    first = client.post(APPOINTMENTS, body, headers={"Idempotency-Key": "k-1"})
    second = client.post(APPOINTMENTS, body, headers={"Idempotency-Key": "k-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["data"] == second.json()["data"]
    assert Appointment.objects.count() == 1

    other = client.post(APPOINTMENTS, body_of(free[1], schedule), headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert Appointment.objects.count() == 1


def test_a_refused_booking_may_be_sent_again_under_its_key(api, patient, other_patient, schedule, free):
    api(other_patient.user).post(APPOINTMENTS, body_of(free[0], schedule))
    client, key = api(patient.user), {"Idempotency-Key": "k-2"}
    refused = client.post(APPOINTMENTS, body_of(free[0], schedule), headers=key)
    assert (refused.status_code, len(refused.json()["data"]["alternatives"])) == (409, 3)
    assert client.post(APPOINTMENTS, body_of(free[1], schedule), headers=key).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_at": "2031-01-06T09:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
        ({"doctor_id": "7"}, "doctor_id"),
        ({"kind": "telepathy"}, "kind"),
        ({"complaint": "x" * 5001}, "complaint"),
    ],
)
def test_wrong_input_is_400_and_names_the_field(api, patient, schedule, free, change, field):
    response = api(patient.user).post(APPOINTMENTS, body_of(free[0], schedule) | change)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not Appointment.objects.exists()


def test_an_unknown_doctor_or_patient_is_404(api, patient, coordinator, schedule, free):
    assert api(patient.user).post(APPOINTMENTS, body_of(free[0], schedule, doctor_id=str(uuid4()))).status_code == 404
    assert api(coordinator).post(APPOINTMENTS, body_of(free[0], schedule, patient_id=str(uuid4()))).status_code == 404
    assert api(coordinator).post(APPOINTMENTS, body_of(free[0], schedule)).status_code == 400


def test_who_may_book(
    api, schedule, free, patient, coordinator, platform_admin, hospital_admin, support_agent, translator
):
    body = body_of(free[0], schedule, patient_id=str(patient.pk))
    for user in (schedule.doctor.user, hospital_admin, support_agent, translator):
        assert api(user).post(APPOINTMENTS, body).status_code == 403
    assert api().post(APPOINTMENTS, body).status_code == 401
    assert api(coordinator).post(APPOINTMENTS, body).status_code == 201
    body["starts_at"] = free[1].starts_at.isoformat()
    assert api(platform_admin).post(APPOINTMENTS, body).status_code == 201


# --- GET /appointments ---


@pytest.fixture
def two(schedule, other_doctor, other_hospital, patient, other_patient):
    """One appointment of ours and one of strangers."""
    ours = AppointmentFactory(
        affiliation=schedule.doctor.affiliations.get(), patient=patient, complaint="OURS", notes="N-OURS"
    )
    theirs = AppointmentFactory(
        affiliation=other_doctor.affiliations.get(), patient=other_patient, complaint="THEIRS", notes="N-THEIRS"
    )
    return ours, theirs


def ids(response):
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["data"]]


def test_each_sees_the_appointments_they_are_party_to(
    api, two, patient, other_patient, doctor, other_doctor, hospital_admin, other_hospital_admin, coordinator
):
    ours, theirs = (str(row.pk) for row in two)
    for user in (patient.user, doctor.user, hospital_admin):
        client = api(user)
        response = client.get(APPOINTMENTS)
        assert ids(response) == [ours]
        assert "THEIRS" not in response.content.decode()
        assert client.get(f"{APPOINTMENTS}/{ours}").status_code == 200
        assert client.get(f"{APPOINTMENTS}/{theirs}").status_code == 404
    for user in (other_patient.user, other_doctor.user, other_hospital_admin):
        assert ids(api(user).get(APPOINTMENTS)) == [theirs]
    assert set(ids(api(coordinator).get(APPOINTMENTS))) == {ours, theirs}


def test_support_translators_and_strangers_do_not_read_appointments(api, two, support_agent, translator):
    for user, status in ((support_agent, 403), (translator, 403), (None, 401)):
        assert api(user).get(APPOINTMENTS).status_code == status
        assert api(user).get(f"{APPOINTMENTS}/{two[0].pk}").status_code == status


def test_a_hospital_reads_the_complaint_but_not_the_doctors_notes(api, two, hospital_admin, patient):
    data = api(hospital_admin).get(f"{APPOINTMENTS}/{two[0].pk}").json()["data"]
    assert (data["complaint"], data["notes"]) == ("OURS", None)
    assert api(patient.user).get(f"{APPOINTMENTS}/{two[0].pk}").json()["data"]["notes"] == "N-OURS"


def test_filters_narrow_and_refuse_what_they_do_not_know(api, two, coordinator):
    ours, theirs = two
    client = api(coordinator)
    for query, expected in [
        (f"patient_id={ours.patient_id}", [ours]),
        (f"doctor_id={theirs.doctor_id}", [theirs]),
        (f"hospital_id={ours.hospital_id}", [ours]),
        ("status=cancelled", []),
        ("status=requested&sort_by=starts_at", sorted(two, key=lambda row: row.starts_at)),
        ("sort_by=starts_at&sort_order=desc", sorted(two, key=lambda row: row.starts_at, reverse=True)),
        ("sort_by=created_at", [ours, theirs]),
    ]:
        assert ids(client.get(f"{APPOINTMENTS}?{query}")) == [str(row.pk) for row in expected], query
    for query in (
        "status=done", "patient_id=7", "date=yesterday", "date=9999-12-31", "date_from=06/01/2031",
        "date_to=2031-02-30", "tz=Mars/Base", "sort_by=patient", "sort_order=up", "page=0", "limit=101",
    ):  # fmt: skip
        response = client.get(f"{APPOINTMENTS}?{query}")
        assert response.status_code == 400, query
        assert list(response.json()["errors"]) == [query.split("=")[0]]


def test_days_are_read_by_the_readers_clock(api, schedule, patient):
    affiliation = schedule.doctor.affiliations.get()
    late = AppointmentFactory(
        affiliation=affiliation,
        patient=patient,
        starts_at=datetime(2031, 1, 6, 19, 0, tzinfo=UTC),
        ends_at=datetime(2031, 1, 6, 19, 30, tzinfo=UTC),
    )
    client, id_ = api(patient.user), str(late.pk)
    assert ids(client.get(f"{APPOINTMENTS}?date=2031-01-06")) == [id_]
    assert ids(client.get(f"{APPOINTMENTS}?date=2031-01-06&tz=Asia/Kolkata")) == []
    assert ids(client.get(f"{APPOINTMENTS}?date=2031-01-07&tz=Asia/Kolkata")) == [id_]
    assert ids(client.get(f"{APPOINTMENTS}?date_from=2031-01-07&tz=Asia/Kolkata")) == [id_]
    assert ids(client.get(f"{APPOINTMENTS}?date_to=2031-01-06&tz=Asia/Kolkata")) == []
    assert ids(client.get(f"{APPOINTMENTS}?date_from=2031-01-06&date_to=2031-01-06")) == [id_]


def test_a_list_takes_two_queries_however_many_rows(api, schedule, patient, django_assert_num_queries):
    affiliation = schedule.doctor.affiliations.get()
    client = api(patient.user)
    for rows in (3, 57):
        AppointmentFactory.create_batch(rows, affiliation=affiliation, patient=patient)
        with django_assert_num_queries(2):
            response = client.get(f"{APPOINTMENTS}?limit=100")
    assert len(ids(response)) == 60


def test_one_appointment_takes_three_queries(api, schedule, two, patient, django_assert_num_queries):
    client = api(patient.user)
    with django_assert_num_queries(3):
        client.get(f"{APPOINTMENTS}/{two[0].pk}")


def test_names_come_in_the_language_asked_for(api, two, patient, hospital):
    type(hospital).objects.filter(pk=hospital.pk).update(name_ar="مستشفى")
    url = f"{APPOINTMENTS}/{two[0].pk}"
    assert api(patient.user).get(f"{url}?lang=ar").json()["data"]["hospital"]["name"] == "مستشفى"
    assert api(patient.user).get(f"{url}?lang=fr").json()["data"]["hospital"]["name"] == hospital.name


# --- PATCH, DELETE, status, reschedule ---


def test_the_doctor_confirms_and_only_once(api, appointment, doctor):
    client, url = api(doctor.user), f"{APPOINTMENTS}/{appointment.pk}/status"
    response = client.patch(url, {"status": "appointment_confirmed", "note": "Welcome", "version": 1})
    assert response.status_code == 200
    data = response.json()["data"]
    assert (data["status"], data["events"][-1]["by_role"]) == ("appointment_confirmed", "doctor")
    again = client.patch(url, {"status": "appointment_confirmed"})
    assert (again.status_code, again.json()["code"]) == (409, "workflow.move_not_allowed")


def test_refusals_of_a_move(api, appointment, doctor, patient, other_patient, other_doctor):
    url = f"{APPOINTMENTS}/{appointment.pk}/status"
    for user, body, status, code in [
        (patient.user, {"status": "appointment_confirmed"}, 403, "auth.forbidden"),
        (other_patient.user, {"status": "cancelled"}, 404, "not_found"),
        (other_doctor.user, {"status": "appointment_confirmed"}, 404, "not_found"),
        (doctor.user, {"status": "appointment_confirmed", "version": 7}, 409, "booking.stale_version"),
        (doctor.user, {"status": "consultation_completed"}, 409, "workflow.move_not_allowed"),
        (doctor.user, {"status": "confirmed"}, 400, "request.invalid"),
        (doctor.user, {}, 400, "request.invalid"),
    ]:
        response = api(user).patch(url, body)
        assert (response.status_code, response.json()["code"]) == (status, code), body
    appointment.refresh_from_db()
    assert appointment.status == "requested"


def test_a_patient_cancels_by_delete_and_the_appointment_stays_readable(api, appointment, patient):
    client, url = api(patient.user), f"{APPOINTMENTS}/{appointment.pk}"
    response = client.delete(url, {"reason": "I travel later"})
    assert (response.status_code, response.content) == (204, b"")
    data = client.get(url).json()["data"]
    assert (data["status"], data["cancelled_by"]) == ("cancelled", "patient")
    assert data["cancellation_reason"] == "I travel later"
    assert data["moves"] == []
    assert client.delete(url).status_code == 409


def test_a_late_cancellation_is_409_in_the_callers_language(api, appointment, patient):
    Appointment.objects.filter(pk=appointment.pk).update(
        starts_at=timezone.now() + timedelta(minutes=90),
        ends_at=timezone.now() + timedelta(minutes=120),
        busy_until=timezone.now() + timedelta(minutes=120),
    )
    response = api(patient.user).delete(f"{APPOINTMENTS}/{appointment.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "booking.cancellation_too_late")
    move = api(patient.user).get(f"{APPOINTMENTS}/{appointment.pk}").json()["data"]["moves"][0]
    assert (move["to"], move["is_possible"], move["code"]) == ("cancelled", False, "booking.cancellation_too_late")


def test_complaint_and_notes_each_by_their_own_writer(api, appointment, patient, doctor, hospital_admin):
    url = f"{APPOINTMENTS}/{appointment.pk}"
    assert api(patient.user).patch(url, {"complaint": "Both knees"}).json()["data"]["complaint"] == "Both knees"
    assert api(doctor.user).patch(url, {"notes": "MRI"}).json()["data"]["notes"] == "MRI"
    assert api(patient.user).patch(url, {"notes": "x"}).status_code == 403
    assert api(doctor.user).patch(url, {"complaint": "x"}).status_code == 403
    assert api(hospital_admin).patch(url, {"complaint": "x"}).status_code == 403


def test_moving_to_another_slot(api, appointment, patient, doctor, free):
    response = api(patient.user).post(
        f"{APPOINTMENTS}/{appointment.pk}/reschedule", {"starts_at": free[3].starts_at.isoformat(), "version": 1}
    )
    assert response.status_code == 200
    data = response.json()["data"]
    assert (data["id"], data["version"]) == (str(appointment.pk), 2)
    assert data["events"][-1]["moved_to_at"] == data["starts_at"]
    stale = api(doctor.user).patch(
        f"{APPOINTMENTS}/{appointment.pk}/status", {"status": "appointment_confirmed", "version": 1}
    )
    assert stale.json()["code"] == "booking.stale_version"


# --- /doctors/:id/... ---


def schedule_url(schedule, query=""):
    return f"/api/v1/doctors/{schedule.doctor_id}/schedule{query}"


def test_anyone_sees_a_doctors_hours_and_free_slots(api, schedule, free):
    day = free[0].starts_at.astimezone(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=1)
    response = api().get(schedule_url(schedule, f"?from={day}&to={day}&tz=Asia/Kolkata"))
    assert response.status_code == 200
    data = response.json()["data"]
    assert len(data["weekly_hours"]) == 7
    assert data["weekly_hours"][0] | {"hospital_id": "", "hospital_name": ""} == {
        "hospital_id": "", "hospital_name": "", "time_zone": "Asia/Kolkata", "slot_minutes": 30, "weekday": 0,
        "starts": "09:00", "ends": "17:00", "effective_from": None, "effective_until": None, "takes_bookings": True,
    }  # fmt: skip
    assert len(data["slots"]) == 16
    assert data["slots"][0]["hospital_time"]["time"] == f"{day}T09:00:00+05:30"
    assert data["slots"][0]["is_ambiguous"] is False
    assert (data["no_slots"], data["next_free"]) == (None, None)


def test_without_a_period_it_is_the_coming_week_in_the_callers_zone(api, schedule, patient):
    patient.user.time_zone = "Africa/Lagos"
    patient.user.save()
    data = api(patient.user).get(schedule_url(schedule)).json()["data"]
    assert data["time_zone"] == "Africa/Lagos"
    assert data["slots"][0]["your_time"]["offset"] == "+01:00"
    days = {slot["your_time"]["time"][:10] for slot in data["slots"]}
    assert 6 <= len(days) <= 7


def test_a_full_period_says_so_and_when_next(api, schedule, free, book, other_patient):
    day = free[0].starts_at.astimezone(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=1)
    for number in range(16):
        at = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Asia/Kolkata")) + number * timedelta(minutes=30)
        book(at.astimezone(UTC), by=PatientFactory().user)
    data = api().get(schedule_url(schedule, f"?from={day}&to={day}&tz=Asia/Kolkata")).json()["data"]
    assert (data["slots"], data["no_slots"]) == ([], "full")
    assert data["no_slots_text"]
    assert data["next_free"]["hospital_time"]["time"] == f"{day + timedelta(days=1)}T09:00:00+05:30"


def test_the_other_reasons_for_no_slots(api, schedule, doctor):
    today = timezone.now().astimezone(ZoneInfo("Asia/Kolkata")).date()

    def reason(first, last=None):
        url = schedule_url(schedule, f"?from={first}&to={last or first}&tz=Asia/Kolkata")
        return api().get(url).json()["data"]["no_slots"]

    assert reason(today - timedelta(days=2)) == "too_soon"
    assert reason(today + timedelta(days=90)) == "beyond_horizon"
    now = timezone.now()
    services.add_time_off(
        doctor.pk, by=doctor.user, starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=12)
    )
    assert reason(today + timedelta(days=10), today + timedelta(days=11)) == "on_leave"
    WeeklyHours.objects.filter(weekday=(today + timedelta(days=20)).weekday()).delete()
    assert reason(today + timedelta(days=20)) == "no_schedule"
    WeeklyHours.objects.all().delete()
    assert reason(today + timedelta(days=5)) == "no_schedule"


def test_free_slots_take_two_queries_and_three_when_there_are_none(
    api, schedule, free, book, django_assert_num_queries
):
    for slot in free[:4]:
        book(slot, by=PatientFactory().user)
    with django_assert_num_queries(2):
        assert api().get(schedule_url(schedule)).json()["data"]["slots"]
    with django_assert_num_queries(3):
        data = api().get(schedule_url(schedule, "?from=2098-01-01&to=2098-01-31")).json()["data"]
    assert (data["no_slots"], data["next_free"]["hospital_id"]) == ("beyond_horizon", str(schedule.hospital_id))


@pytest.mark.parametrize(
    "query",
    [
        "from=2031-01-01&to=2031-02-01", "from=2031-01-02&to=2031-01-01", "from=1999-01-01", "to=9999-12-31",
        "from=x", "tz=Mars", "hospital_id=7", "from=2099-12-31&to=2100-01-01",
    ],
)  # fmt: skip
def test_a_period_that_makes_no_sense_is_400(api, schedule, query):
    assert api().get(schedule_url(schedule, f"?{query}")).status_code == 400


def test_a_doctor_who_is_not_listed_has_no_public_schedule(api, schedule, doctor, patient, hospital_admin):
    type(doctor).objects.update(verification="pending")
    assert api().get(schedule_url(schedule)).status_code == 404
    assert api(patient.user).get(schedule_url(schedule)).status_code == 404
    for user in (doctor.user, hospital_admin):
        data = api(user).get(schedule_url(schedule)).json()["data"]
        assert (data["slots"], data["no_slots"]) == ([], "no_schedule")
        assert [hours["takes_bookings"] for hours in data["weekly_hours"]] == [False] * 7


def test_nobody_reads_in_the_schedule_who_is_booked_or_why_the_doctor_is_away(api, schedule, book, doctor):
    appointment = book(complaint="KANARI-1")
    services.add_time_off(
        doctor.pk,
        by=doctor.user,
        starts_at=appointment.ends_at,
        ends_at=appointment.ends_at + timedelta(days=1),
        reason="KANARI-2",
    )
    text = api().get(schedule_url(schedule, f"?from={appointment.starts_at.date()}")).content.decode()
    assert "KANARI" not in text
    assert appointment.patient.user.last_name not in text


def test_the_doctor_sets_hours_and_time_off(api, doctor, hospital):
    url = f"/api/v1/doctors/{doctor.pk}/availability"
    body = {
        "hospital_id": str(hospital.pk),
        "slot_minutes": 20,
        "weekly_hours": [
            {"weekday": 0, "starts": "09:00", "ends": "12:00"},
            {"weekday": 4, "starts": "22:00", "ends": "01:00", "effective_from": "2031-01-01"},
        ],
        "time_off": [
            {"starts_at": "2031-01-06T00:00:00+05:30", "ends_at": "2031-01-08T00:00:00+05:30", "reason": "Congress"}
        ],
    }
    response = api(doctor.user).patch(url, body)
    assert response.status_code == 200, response.json()
    data = response.json()["data"]
    assert data["slot_minutes"] == 20
    assert [(hours["weekday"], hours["starts"], hours["ends"]) for hours in data["weekly_hours"]] == [
        (0, "09:00", "12:00"),
        (4, "22:00", "01:00"),
    ]
    assert data["time_off"][0]["starts_at"] == "2031-01-05T18:30:00Z"

    removed = api(doctor.user).patch(
        url, {"hospital_id": str(hospital.pk), "remove_time_off": [data["time_off"][0]["id"]]}
    )
    assert removed.json()["data"]["time_off"] == []
    assert len(removed.json()["data"]["weekly_hours"]) == 2


def test_availability_is_all_or_nothing(api, doctor, hospital):
    response = api(doctor.user).patch(
        f"/api/v1/doctors/{doctor.pk}/availability",
        {
            "hospital_id": str(hospital.pk),
            "weekly_hours": [{"weekday": 0, "starts": "09:00", "ends": "12:00"}],
            "remove_time_off": [str(uuid4())],
        },
    )
    assert response.status_code == 404
    assert not WeeklyHours.objects.exists()
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    "hours",
    [
        [{"weekday": 7, "starts": "09:00", "ends": "12:00"}],
        [{"weekday": 0, "starts": "09:00", "ends": "09:00"}],
        [{"weekday": 0, "starts": "9:00", "ends": "12:00"}],
        [{"weekday": 0, "starts": "09:00", "ends": "24:00"}],
        [{"weekday": 0, "starts": None, "ends": "12:00"}],
        [{"weekday": 0, "starts": "09:00", "ends": "12:00", "effective_from": "2031-02-01",
          "effective_until": "2031-01-01"}],
        [{"weekday": 0, "starts": "09:00", "ends": "12:00"}, {"weekday": 0, "starts": "11:59", "ends": "13:00"}],
        [{"weekday": 6, "starts": "22:00", "ends": "02:00"}, {"weekday": 0, "starts": "01:00", "ends": "03:00"}],
        [{"weekday": 0, "starts": "09:00", "ends": "12:00"}] * 101,
        "always",
        [7],
    ],
)  # fmt: skip
def test_hours_that_make_no_sense_are_400(api, doctor, hospital, hours):
    response = api(doctor.user).patch(
        f"/api/v1/doctors/{doctor.pk}/availability", {"hospital_id": str(hospital.pk), "weekly_hours": hours}
    )
    assert response.status_code == 400
    assert not WeeklyHours.objects.exists()


def test_who_sets_hours(
    api, doctor, hospital, other_hospital, other_doctor, hospital_admin, other_hospital_admin, platform_admin,
    patient, coordinator,
):  # fmt: skip
    url, body = f"/api/v1/doctors/{doctor.pk}/availability", {"hospital_id": str(hospital.pk), "slot_minutes": 20}
    for user, status in [
        (doctor.user, 200), (hospital_admin, 200), (platform_admin, 200), (other_doctor.user, 404),
        (other_hospital_admin, 404), (patient.user, 403), (coordinator, 403), (None, 401),
    ]:  # fmt: skip
        assert api(user).patch(url, body).status_code == status, user
    elsewhere = {"hospital_id": str(other_hospital.pk), "slot_minutes": 20}
    assert api(doctor.user).patch(url, elsewhere).status_code == 404
    AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    assert api(hospital_admin).patch(url, elsewhere).status_code == 404
    assert api(doctor.user).patch(url, elsewhere).status_code == 200


def test_a_doctors_appointments(
    api, two, doctor, other_doctor, hospital_admin, other_hospital_admin, coordinator, patient
):
    url, ours = f"/api/v1/doctors/{doctor.pk}/appointments", str(two[0].pk)
    for user in (doctor.user, hospital_admin, coordinator):
        assert ids(api(user).get(url)) == [ours]
    assert ids(api(coordinator).get(f"{url}?status=cancelled")) == []
    for user, status in ((other_doctor.user, 404), (other_hospital_admin, 404), (patient.user, 403), (None, 401)):
        assert api(user).get(url).status_code == status
    assert api(coordinator).get(f"/api/v1/doctors/{uuid4()}/appointments").status_code == 404


def test_a_hospital_sees_of_a_shared_doctor_its_own_appointments_only(
    api, two, doctor, other_hospital, other_hospital_admin
):
    elsewhere = AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    there = AppointmentFactory(affiliation=elsewhere)
    assert ids(api(other_hospital_admin).get(f"/api/v1/doctors/{doctor.pk}/appointments")) == [str(there.pk)]
