"""A doctor's calendar under a private address: whoever knows it reads the times and places, and no patient's name."""

import io
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import selectors, services
from apps.bookings.models import CalendarFeed, TimeOff
from apps.bookings.services import feeds
from apps.bookings.views import feeds as views
from apps.common import redis
from apps.common.models import AuditEntry
from tests.factories.bookings import AppointmentFactory

from . import rfc5545
from .racing import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def make(doctor, hospital):
    """`make(days)` is an appointment of the doctor's so many days from now."""

    def make(days, **more):
        starts_at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=days)
        more = {"doctor": doctor, "hospital": hospital, "status": "appointment_confirmed"} | more
        return AppointmentFactory(affiliation=None, starts_at=starts_at, **more)

    return make


@pytest.fixture
def address(api, doctor):
    """The feed's path, as the doctor gets it."""
    response = api(doctor.user).post(page(doctor))
    assert response.status_code == 201
    return urlsplit(response.json()["data"]["url"]).path


def page(doctor):
    return f"/api/v1/doctors/{doctor.pk}/calendar-feed"


def events(response):
    assert response.status_code == 200
    assert rfc5545.offences(response.content) == []
    return rfc5545.read(response.content).named("VEVENT")


def numbers(response):
    return {word for event in events(response) for word in event.get("SUMMARY").split() if word.startswith("AP-")}


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_it_shows_a_month_back_and_a_year_ahead_and_nothing_beyond(client, address, make):
    shown = [make(days).number for days in (-29, 0, 1, 364)]
    hidden = [make(days).number for days in (-31, 367)]
    assert numbers(client.get(address)) == set(shown)
    assert hidden


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("requested", "TENTATIVE"), ("appointment_confirmed", "CONFIRMED"), ("consultation_completed", "CONFIRMED"),
        ("held", None), ("hold_lapsed", None), ("cancelled", None), ("rejected", None), ("doctor_absent", None),
    ],
)  # fmt: skip
def test_it_shows_what_takes_the_doctors_time_and_no_holds(client, address, make, status, expected):
    more = {"cancelled_by": "patient", "cancelled_at": timezone.now()} if status == "cancelled" else {}
    make(3, status=status, held_until=timezone.now() if status == "held" else None, **more)
    assert [event.get("STATUS") for event in events(client.get(address))] == ([expected] if expected else [])


def test_it_names_no_patient_no_complaint_and_no_reason_of_leave(client, address, make, doctor):
    appointment = make(3, complaint="Canary in the knee", notes="Canary in the notes", kind="teleconsult")
    at = timezone.now() + timedelta(days=5)
    TimeOff.objects.create(doctor=doctor, starts_at=at, ends_at=at + timedelta(days=2), reason="Canary of my own")
    response = client.get(address)
    met, away = events(response)
    assert met.get("LOCATION") == "Video: link in the app"
    assert (away.get("SUMMARY"), away.get("TRANSP")) == ("No appointments", "OPAQUE")
    text = response.content.replace(b"\r\n ", b"").decode()
    person = appointment.patient.user
    for secret in ("Canary", person.last_name, person.first_name, person.email, str(appointment.patient_id)):
        assert secret not in text


def test_it_shows_no_other_doctors_time(client, address, make, other_doctor, other_hospital):
    make(3, doctor=other_doctor, hospital=other_hospital)
    assert events(client.get(address)) == []


def test_it_is_in_the_language_of_the_doctor_and_by_the_hospitals_clock(client, address, make, doctor, hospital):
    make(3)
    User.objects.filter(pk=doctor.user_id).update(language="hi", time_zone="Europe/London")
    response = client.get(address, HTTP_ACCEPT_LANGUAGE="fr")
    [event] = events(response)
    assert response["Content-Language"] == "hi"
    assert "अस्पताल" in event.get("DESCRIPTION")
    assert event.parameters("DTSTART") == {"TZID": hospital.time_zone}


def test_it_takes_two_queries_however_much_it_shows(client, address, make, django_assert_num_queries):
    client.get(address)  # that it was read is noted once an hour
    for count in (1, 7):
        for day in range(count):
            make(3 + day + count)
        with django_assert_num_queries(2):
            assert events(client.get(address))


def test_it_is_never_longer_than_it_may_be(client, address, make, monkeypatch):
    monkeypatch.setattr(selectors.entries, "FEED_ENTRIES", 2)
    first = [make(days).number for days in (1, 2, 3)][:2]
    assert numbers(client.get(address)) == set(first)


# --- how it is read --------------------------------------------------------------------------------------------------


def test_a_calendar_that_has_it_already_is_told_so(client, address, make):
    appointment = make(3)
    first = client.get(address)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address, headers={"If-None-Match": f'W/{first["ETag"]}, "x"'}).status_code == 304
    services.cancel_appointment(appointment.pk, by=appointment.patient.user)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_head_request_gets_the_headers_alone(client, address):
    response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_to_it(client, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_no_search_engine_and_no_other_page_learns_the_address(client, address):
    for response in (client.get(address), client.get("/calendar/unknown.ics")):
        assert response["X-Robots-Tag"] == "none"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in response.headers


def test_that_it_was_read_is_noted_once_an_hour_and_is_no_change(client, address, time_machine):
    time_machine.move_to(NOW, tick=False)
    before = AuditEntry.objects.count()
    noted = []
    for minutes in (0, 59, 60, 61):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        client.get(address)
        noted.append(CalendarFeed.objects.get().last_read_at)
    assert noted == [NOW, NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=1)]
    assert AuditEntry.objects.count() == before


def test_one_address_is_read_sixty_times_an_hour_at_most(client, address, api, other_doctor):
    assert {client.get(address).status_code for _time in range(60)} == {200}
    refused = client.get(address)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 3000
    other = urlsplit(api(other_doctor.user).post(page(other_doctor)).json()["data"]["url"]).path
    assert client.get(other).status_code == 200


def test_whoever_guesses_addresses_is_slowed_down(client, address):
    assert {client.get(f"/calendar/guess{number}.ics").status_code for number in range(30)} == {404}
    assert client.get("/calendar/guess31.ics").status_code == 429
    assert client.get(address).status_code == 200, "who knows an address is no guesser"


def test_without_redis_it_is_read_all_the_same(client, address, monkeypatch):
    def gone():
        raise redis.RedisUnavailable

    monkeypatch.setattr("apps.common.throttling.redis.required", gone)
    assert client.get(address).status_code == 200


# --- who has the address ---------------------------------------------------------------------------------------------


def test_the_address_is_shown_once_and_kept_as_its_hash(api, doctor):
    client = api(doctor.user)
    assert client.get(page(doctor)).json()["data"] == {"is_active": False, "created_at": None, "last_read_at": None}
    made = client.post(page(doctor)).json()["data"]
    token = made["url"].rpartition("/")[2].removesuffix(".ics")
    assert made["url"].startswith("http://localhost:8000/calendar/")
    assert len(token) == 43, "256 bits"
    row = CalendarFeed.objects.get()
    assert row.token_hash == feeds.hash_of(token)
    shown = client.get(page(doctor)).json()["data"]
    assert (shown["is_active"], shown["last_read_at"]) == (True, None)
    assert "url" not in shown
    entries = AuditEntry.objects.filter(object_type="bookings.calendarfeed")
    assert entries
    assert token not in str(list(entries.values()))
    assert row.token_hash not in str(list(entries.values()))


def test_a_new_address_ends_the_earlier_one(api, client, address, doctor):
    new = urlsplit(api(doctor.user).post(page(doctor)).json()["data"]["url"]).path
    assert (client.get(address).status_code, client.get(new).status_code) == (404, 200)


def test_a_revoked_address_and_one_that_never_was_answer_alike(api, client, address, doctor):
    owner = api(doctor.user)
    assert owner.delete(page(doctor)).status_code == 204
    gone, unknown = client.get(address), client.get("/calendar/unknown.ics")
    assert (gone.status_code, gone.content) == (unknown.status_code, unknown.content)
    assert gone.status_code == 404
    assert owner.get(page(doctor)).json()["data"]["is_active"] is False
    assert owner.delete(page(doctor)).status_code == 404


def test_an_address_ends_with_its_doctors_account(client, address, doctor):
    User.objects.filter(pk=doctor.user_id).update(is_active=False)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_other_doctors_find_none_and_others_may_not_ask(
    api, client, address, doctor, method, other_doctor, patient, hospital_admin, coordinator, platform_admin
):
    def ask(user):
        return getattr(api(user), method)(page(doctor)).status_code

    assert ask(None) == 401
    assert ask(other_doctor.user) == 404
    assert {ask(user) for user in (patient.user, hospital_admin, coordinator, platform_admin)} == {403}
    assert client.get(address).status_code == 200, "nothing has changed"


# --- logs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fate", ["read", "revoked", "limited", "defect"])
def test_no_log_holds_the_address(client, api, address, doctor, monkeypatch, fate):
    written = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(root.handlers[0].formatter)
    root.addHandler(handler)
    client.raise_request_exception = False
    if fate == "revoked":
        api(doctor.user).delete(page(doctor))
    elif fate == "limited":
        monkeypatch.setattr(views, "READ_LIMIT", views.Limit("none", attempts=0, seconds=60))
    elif fate == "defect":
        monkeypatch.setattr(selectors, "feed_entries", lambda *args, **more: 1 / 0)
    try:
        status = client.get(address, {"from": "somewhere"}).status_code
    finally:
        root.removeHandler(handler)
    assert status == {"read": 200, "revoked": 404, "limited": 429, "defect": 500}[fate]
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert "/calendar/<str:token>.ics" in written.getvalue()
    assert token not in written.getvalue()
    assert feeds.hash_of(token) not in written.getvalue()


# --- at once ---------------------------------------------------------------------------------------------------------


def renew_at_once(doctor, calls=8):
    cache.clear()
    user = User.objects.get(pk=doctor.user_id)

    def renew():
        try:
            return services.renew_calendar_feed(doctor.pk, by=user)[1]
        except Exception as error:  # noqa: BLE001  what a caller would see as 500
            return error

    return at_once(*[renew] * calls)


@pytest.mark.django_db(transaction=True)
def test_of_new_addresses_made_at_once_one_lives_and_nobody_gets_an_error(doctor):
    tokens = renew_at_once(doctor)
    assert [token for token in tokens if not isinstance(token, str)] == []
    alive = CalendarFeed.objects.get(revoked_at=None)
    assert alive.token_hash in {feeds.hash_of(token) for token in tokens}
    assert CalendarFeed.objects.count() == len(tokens)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_some_get_an_error(doctor, monkeypatch):
    monkeypatch.setattr(feeds, "_own_doctor", lambda by, doctor_id: doctor)
    for _round in range(20):
        if any(isinstance(token, Exception) for token in renew_at_once(doctor)):
            break
    else:
        pytest.fail("the race was never lost")
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1, "the database has the last word"


# --- the admin -------------------------------------------------------------------------------------------------------


def test_a_platform_admin_ends_an_address_that_others_have_come_to_know(client, address, doctor, platform_admin):
    feed = CalendarFeed.objects.get()
    pages = [
        reverse("admin:bookings_calendarfeed_changelist"),
        reverse("admin:bookings_calendarfeed_change", args=[feed.pk]),
    ]
    client.force_login(platform_admin)
    for url in pages:
        response = client.get(url)
        assert response.status_code == 200
        assert feed.token_hash not in response.content.decode()
    client.post(pages[0], {"action": "revoke", "_selected_action": [str(feed.pk)]})
    assert CalendarFeed.objects.get().revoked_at is not None
    assert client.get(address).status_code == 404
    entry = AuditEntry.objects.filter(object_type="bookings.calendarfeed").latest("id")
    assert entry.actor == platform_admin


def test_coordinators_see_no_feeds(client, address, coordinator, hospital_admin):
    for user in (coordinator, hospital_admin):
        client.force_login(user)
        assert client.get(reverse("admin:bookings_calendarfeed_changelist")).status_code == 403
