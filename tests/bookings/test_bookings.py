"""Treatment bookings: a hospital is asked once, care begins with the request and ends with it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.bookings import exceptions, rules, services
from apps.bookings.models import Booking, BookingEvent
from apps.clinical.models import CareRelationship
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.notifications.models import Message
from tests.factories.bookings import BookingFactory
from tests.factories.catalogue import OfferFactory, PackageFactory, TreatmentFactory

pytestmark = pytest.mark.django_db

BOOKINGS = "/api/v1/bookings"


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital)


@pytest.fixture
def ask(offer, patient):
    def ask(**changes):
        given = {"by": patient.user, "hospital_id": offer.hospital_id, "treatment_id": offer.treatment_id}
        return services.request_booking(**given | changes)

    return ask


def care_of(booking):
    return CareRelationship.objects.filter(subject_type="booking", subject_id=booking.pk)


# --- asking ---


def test_a_request_is_kept_told_and_begins_the_hospitals_care(ask, patient, hospital):
    booking = ask(companions=2, message=" My knee, since May. ")

    assert (booking.status, booking.type, booking.message) == ("requested", "treatment", "My knee, since May.")
    assert booking.number.startswith("BK-")
    assert [event.to_status for event in BookingEvent.objects.filter(booking=booking)] == ["requested"]
    care = care_of(booking).get()
    assert (care.patient, care.hospital, care.doctor, care.ends_at) == (patient, hospital, None, None)
    told = Message.objects.filter(kind="bookings.booking_requested")
    assert {message.recipient for message in told} == {patient.user}
    assert not any("knee" in str(message.context) for message in told)


@pytest.mark.parametrize(
    ("zone", "today"), [("America/Los_Angeles", date(2026, 11, 20)), ("Pacific/Auckland", date(2026, 11, 21))]
)
def test_today_is_the_hospitals(ask, hospital, zone, today):
    type(hospital).objects.filter(pk=hospital.pk).update(time_zone=zone)
    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    with pytest.raises(Invalid):
        ask(preferred_from=today - timedelta(days=1), now=now)
    assert ask(preferred_from=today, now=now).preferred_from == today


def test_nothing_is_asked_for_a_patient_whose_account_is_closed(ask, patient, coordinator):
    type(patient.user).objects.filter(pk=patient.user_id).update(is_active=False)
    with pytest.raises(NotFound):
        ask(by=coordinator, patient_id=patient.pk)
    assert not CareRelationship.objects.exists(), "no hospital's care for them begins again"


def test_the_same_thing_is_asked_of_a_hospital_once_while_it_is_open(ask):
    first = ask()
    with pytest.raises(exceptions.AlreadyRequested):
        ask()
    assert list(Booking.objects.all()) == [first]
    services.withdraw_booking(first.pk, by=first.booked_by)
    assert ask().pk != first.pk


def test_a_package_is_asked_of_a_hospital_that_is_part_of_it(ask, hospital):
    package = PackageFactory(hospitals=[hospital])
    assert ask(treatment_id=None, package_id=package.pk).type == "package"


@pytest.mark.parametrize("what", ["not offered", "both", "neither", "unlisted hospital"])
def test_what_a_hospital_does_not_offer_cannot_be_asked_of_it(ask, hospital, what):
    changes = {
        "not offered": {"treatment_id": TreatmentFactory().pk},
        "both": {"package_id": PackageFactory(hospitals=[hospital]).pk},
        "neither": {"treatment_id": None},
        "unlisted hospital": {},
    }[what]
    if what == "unlisted hospital":
        type(hospital).objects.update(is_active=False)
    with pytest.raises(Invalid):
        ask(**changes)
    assert not Booking.objects.exists()
    assert not CareRelationship.objects.exists()
    assert not Message.objects.exists()


def test_coordinators_ask_for_a_patient_and_nobody_else_does(ask, patient, coordinator, doctor, hospital_admin):
    assert ask(by=coordinator, patient_id=patient.pk).patient == patient
    for person in (doctor.user, hospital_admin):
        with pytest.raises(Forbidden):
            ask(by=person, patient_id=patient.pk)


def test_a_patient_cannot_ask_for_another(ask, other_patient):
    with pytest.raises(NotFound):
        ask(patient_id=other_patient.pk)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (None, None, None),
        (TODAY, TODAY, None),
        (TODAY - timedelta(days=1), None, "preferred_from"),
        (TODAY + timedelta(days=730), None, None),
        (TODAY + timedelta(days=731), None, "preferred_from"),
        (TODAY + timedelta(days=9), TODAY + timedelta(days=8), "preferred_until"),
        (None, TODAY + timedelta(days=8), None),
    ],
)
def test_the_days_lie_ahead_within_two_years_in_order(first, last, wrong):
    refusal = rules.why_not_preferred(first, last, today=TODAY)
    assert (None if refusal is None else [*refusal.errors]) == (None if wrong is None else [wrong])


# --- withdrawing ---


def test_withdrawing_ends_the_care_at_once_and_only_once(ask, patient):
    booking = ask()
    services.withdraw_booking(booking.pk, by=patient.user, reason="Another plan")
    assert care_of(booking).get().ends_at <= timezone.now()
    assert BookingEvent.objects.get(to_status="cancelled").note == "Another plan"
    with pytest.raises(MoveNotAllowed):
        services.withdraw_booking(booking.pk, by=patient.user)


def test_a_hospital_sees_the_request_and_cannot_withdraw_it(ask, hospital_admin):
    with pytest.raises(Forbidden):
        services.withdraw_booking(ask().pk, by=hospital_admin)


def test_another_patients_request_is_not_there(ask, other_patient):
    with pytest.raises(NotFound):
        services.withdraw_booking(ask().pk, by=other_patient.user)


# --- over the API ---


def test_a_request_over_the_api_is_answered_listed_and_repeated_safely(api, offer, patient):
    client = api(patient.user)
    body = {"hospital_id": offer.hospital_id, "treatment_id": offer.treatment_id, "message": "Since May"}
    key = {"HTTP_IDEMPOTENCY_KEY": "once"}

    first = client.post(BOOKINGS, body, **key)
    again = client.post(BOOKINGS, body, **key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["data"] == first.json()["data"]
    assert again["Idempotent-Replayed"] == "true"
    made = first.json()["data"]
    assert made["treatment"] == {"id": str(offer.treatment_id), "name": offer.treatment.name}
    listed = client.get(f"/api/v1/patients/{patient.pk}/bookings").json()["data"]
    assert [row["number"] for row in listed] == [made["number"]]
    assert client.delete(f"{BOOKINGS}/{made['id']}").status_code == 204
    assert client.get(f"{BOOKINGS}/{made['id']}").json()["data"]["status"] == "cancelled"


def test_a_second_request_is_409(api, offer, patient):
    client = api(patient.user)
    body = {"hospital_id": offer.hospital_id, "treatment_id": offer.treatment_id}
    assert client.post(BOOKINGS, body).status_code == 201
    refused = client.post(BOOKINGS, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "booking.already_requested")


def test_bookings_are_narrowed_by_status(api, patient):
    BookingFactory(patient=patient, status="cancelled")
    kept = BookingFactory(patient=patient)
    listed = api(patient.user).get(BOOKINGS, {"status": "requested"}).json()["data"]
    assert [row["id"] for row in listed] == [str(kept.pk)]


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_is_kept(ask):
    start = threading.Barrier(2)

    def one(_number):
        try:
            start.wait(60)
            return ask()
        except exceptions.AlreadyRequested as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(2)))
    assert sorted(isinstance(result, Booking) for result in results) == [False, True]
    assert Booking.objects.count() == CareRelationship.objects.count() == 1
