"""Calendar files as they are read by others: held against RFC 5545 and 5546, and read back by a library."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.bookings import calendar_files, workflow
from apps.bookings.calendar_files import Entry, Leave, Method, lines, zones
from apps.bookings.workflow import AppointmentStatus as Status

from . import rfc5545

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ENTRY = Entry(
    id=UUID("019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60"),
    number="AP-7K3Q9F2M",
    status=Status.CONFIRMED,
    version=1,
    starts_at=datetime(2031, 1, 6, 3, 30, tzinfo=UTC),
    ends_at=datetime(2031, 1, 6, 4, 0, tzinfo=UTC),
    changed_at=datetime(2026, 11, 20, 8, 15, 30, 123456, tzinfo=UTC),
    zone="Asia/Kolkata",
    hospital="Lotus Heart Centre",
    address="12 Beach Road; 2nd floor",
    city="Chennai",
    is_teleconsult=False,
    doctor="Dr. Asha Rao",
)
ZONES = (
    "America/New_York", "Europe/London", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo",
    "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Chatham", "Europe/Istanbul", "Asia/Gaza", "UTC",
    "America/St_Johns", "Pacific/Kiritimati", "America/Santiago", "Antarctica/Troll", "Asia/Tehran",
)  # fmt: skip


def single(entry=ENTRY, *, zone="Europe/Berlin"):
    return calendar_files.single(entry, reader_zone=zone, now=NOW).encode()


def invited(entry=ENTRY, method=Method.REQUEST, *, address="amina@example.com"):
    made = calendar_files.invitation(entry, method, address=address, reader_zone="Europe/Berlin", now=NOW)
    return made.encode()


def event_of(raw):
    [event] = rfc5545.read(raw).named("VEVENT")
    return event


def text_of(raw, name):
    return rfc5545.unescaped(event_of(raw).get(name))


def wall_at(entry, zone="Europe/Berlin"):
    return text_of(single(entry, zone=zone), "DESCRIPTION")


# --- what stands in it -----------------------------------------------------------------------------------------------


def test_an_appointment_is_one_event_that_keeps_its_uid_for_ever():
    raw = single()
    assert rfc5545.offences(raw) == []
    event = event_of(raw)
    assert event.get("UID") == "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60@medivoy.example.com"
    assert event_of(single(replace(ENTRY, version=3, status=Status.CANCELLED))).get("UID") == event.get("UID")
    assert (event.get("DTSTAMP"), event.get("LAST-MODIFIED")) == ("20261121T090000Z", "20261120T081530Z")
    assert event.parameters("DTSTART") == {"TZID": "Asia/Kolkata"}
    assert (event.get("DTSTART"), event.get("DTEND")) == ("20310106T090000", "20310106T093000")


def test_the_patient_reads_with_whom_where_and_both_times():
    raw = single()
    assert text_of(raw, "SUMMARY") == "Appointment AP-7K3Q9F2M with Dr. Asha Rao, Lotus Heart Centre"
    assert text_of(raw, "LOCATION") == "Lotus Heart Centre, 12 Beach Road; 2nd floor, Chennai"
    assert text_of(raw, "DESCRIPTION").split("\n") == [
        "Time at the hospital: Monday, January 6, 2031, 9:00\u202fAM (Kolkata, UTC+05:30)".replace("\u202f", " "),
        "Your time: Monday, January 6, 2031, 4:30\u202fAM (Berlin, UTC+01:00)".replace("\u202f", " "),
        "Doctor: Dr. Asha Rao",
        "Hospital: Lotus Heart Centre, Chennai",
        "Status: Confirmed",
        "Number: AP-7K3Q9F2M",
    ]


def test_the_doctor_reads_number_and_place():
    raw = single(replace(ENTRY, doctor=""))
    assert text_of(raw, "SUMMARY") == "Appointment AP-7K3Q9F2M at Lotus Heart Centre"
    assert "Asha" not in raw.decode()


def test_one_clock_is_told_where_both_live_by_the_same():
    assert "Your time" not in wall_at(ENTRY, zone="Asia/Kolkata")


def test_a_consultation_by_video_gives_no_link_away():
    raw = single(replace(ENTRY, is_teleconsult=True))
    assert text_of(raw, "LOCATION") == "Video: link in the app"
    assert "By video" in text_of(raw, "DESCRIPTION")
    assert b"http" not in raw


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_a_file_keeps_every_rule_in_every_language(language):
    long = replace(
        ENTRY,
        hospital="مستشفى القلب التخصصي للجراحات الدقيقة والمتقدمة, فرع المدينة الجديدة",
        doctor="डॉ. आशा राव; हृदय रोग विशेषज्ञ और शल्य चिकित्सक, चेन्नई के लोटस हार्ट सेंटर में",
    )
    with translation.override(language):
        raws = [single(long), invited(long), invited(replace(long, status=Status.CANCELLED), Method.CANCEL)]
    for raw in raws:
        assert rfc5545.offences(raw) == []
        [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
        assert long.hospital in event["SUMMARY"]
        assert long.doctor in event["SUMMARY"]


# --- what becomes of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_asked_for_is_tentative_agreed_is_confirmed_and_called_off_is_cancelled(status):
    expected = "CONFIRMED" if status in workflow.OCCUPYING else "CANCELLED"
    if status in {Status.HELD, Status.REQUESTED}:
        expected = "TENTATIVE"
    raw = single(replace(ENTRY, status=status))
    assert event_of(raw).get("STATUS") == expected
    assert rfc5545.read(raw).get("METHOD") == ("CANCEL" if expected == "CANCELLED" else "PUBLISH")
    assert event_of(raw).get("TRANSP") == ("TRANSPARENT" if expected == "CANCELLED" else "OPAQUE")
    assert rfc5545.offences(raw) == []


def test_the_sequence_grows_with_each_time_that_is_agreed_on_and_once_more_at_the_end():
    life = [(1, Status.REQUESTED), (1, Status.CONFIRMED), (2, Status.CONFIRMED), (3, Status.CONFIRMED)]
    told = [replace(ENTRY, version=version, status=status).sequence for version, status in life]
    assert told == [0, 0, 1, 2]
    assert replace(ENTRY, version=3, status=Status.CANCELLED).sequence == 3


def test_an_invitation_names_its_reader_alone_and_asks_for_no_answer():
    event = event_of(invited(address="amina+x@example.com"))
    assert event.all("ATTENDEE") == ["mailto:amina+x@example.com"]
    assert event.parameters("ATTENDEE")["RSVP"] == "FALSE"
    assert event.parameters("ORGANIZER") == {"CN": "Medivoy"}
    assert event.get("ORGANIZER") == "mailto:no-reply@medivoy.example.com"


def test_no_status_tells_of_treatment():
    for status in (Status.PRESCRIBED, Status.FOLLOW_UP, Status.IN_PROGRESS):
        assert "Status: Confirmed" in wall_at(replace(ENTRY, status=status))


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_an_appointment_over_midnight_ends_on_the_next_day():
    late = replace(
        ENTRY,
        starts_at=datetime(2031, 1, 6, 18, 15, tzinfo=UTC),
        ends_at=datetime(2031, 1, 6, 18, 45, tzinfo=UTC),
    )
    event = event_of(single(late))
    assert (event.get("DTSTART"), event.get("DTEND")) == ("20310106T234500", "20310107T001500")


@pytest.mark.parametrize(
    ("minute", "start", "end"),
    [
        (300, "20261101T010000", "20261101T013000"),  # the first 1:00
        (330, "20261101T053000Z", "20261101T060000Z"),  # ends when the second 1:00 begins
        (360, "20261101T060000Z", "20261101T063000Z"),  # the second 1:00
        (390, "20261101T063000Z", "20261101T070000Z"),
        (420, "20261101T020000", "20261101T023000"),
    ],
)
def test_of_an_hour_that_comes_twice_the_second_is_told_in_utc(minute, start, end):
    """A wall time in a file is the first of two, whatever its reader would like."""
    starts_at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minute)
    raw = single(
        replace(ENTRY, zone="America/New_York", starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    )
    assert (event_of(raw).get("DTSTART"), event_of(raw).get("DTEND")) == (start, end)
    assert rfc5545.offences(raw) == []
    assert instants(raw) == (starts_at, starts_at + timedelta(minutes=30))


def test_a_clock_change_begins_at_the_wall_time_before_it():
    """A library wrote 03:00 here, an hour late (docs/decisions/0032)."""
    [zone] = rfc5545.read(single(replace(ENTRY, zone="America/New_York"))).named("VTIMEZONE")
    changes = [
        (part.name, part.get("DTSTART"), part.get("TZOFFSETFROM"), part.get("TZOFFSETTO")) for part in zone.parts
    ]
    assert changes == [
        ("STANDARD", "20301229T190000", "-0500", "-0500"),
        ("DAYLIGHT", "20310309T020000", "-0500", "-0400"),
        ("STANDARD", "20311102T020000", "-0400", "-0500"),
    ]


def utc_by(zone, wall):
    """A wall time as the RFC reads it with a VTIMEZONE: by the last observance that has begun."""
    begun = []
    for part in zone.parts:
        begins = datetime.strptime(part.get("DTSTART"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  a wall time
        if begins <= wall:
            begun.append((begins, offset_of(part.get("TZOFFSETTO"))))
    return (wall - max(begun)[1]).replace(tzinfo=UTC)


def offset_of(text):
    sign = -1 if text[0] == "-" else 1
    parts = [int(text[at : at + 2]) for at in range(1, len(text), 2)]
    return sign * timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)


def instants(raw):
    """Start and end as the file itself says, by its own VTIMEZONE and no database of ours."""
    calendar = rfc5545.read(raw)
    [event] = calendar.named("VEVENT")
    found = []
    for name in ("DTSTART", "DTEND"):
        value, zone_name = event.get(name), event.parameters(name).get("TZID")
        wall = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  a wall time
        if zone_name is None:
            found.append(wall.replace(tzinfo=UTC))
        else:
            [zone] = [zone for zone in calendar.named("VTIMEZONE") if zone.get("TZID") == zone_name]
            found.append(utc_by(zone, wall))
    return tuple(found)


def changes_of(name):
    """The instants at which the zone's clock is changed, in some years."""
    zone, at, changes = ZoneInfo(name), datetime(2024, 1, 1, tzinfo=UTC), []
    while at < datetime(2028, 1, 1, tzinfo=UTC):
        later = at + timedelta(minutes=30)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            changes.append(later)
        at = later
    return changes


CHANGES = {name: changes_of(name) for name in ("America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")}


@settings(max_examples=400, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    starts_at=st.datetimes(datetime(2020, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC)),
    minutes=st.integers(5, 24 * 60),
)
def test_the_instants_read_back_are_those_of_the_appointment(zone, starts_at, minutes):
    starts_at = starts_at.replace(second=0, microsecond=0)
    ends_at = starts_at + timedelta(minutes=minutes)
    raw = single(replace(ENTRY, zone=zone, starts_at=starts_at, ends_at=ends_at))
    assert rfc5545.offences(raw) == []
    assert instants(raw) == (starts_at, ends_at)
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (starts_at, ends_at)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), minutes=st.integers(-180, 180), length=st.integers(5, 240))
def test_the_same_holds_close_to_every_change_of_a_clock(data, minutes, length):
    zone = data.draw(st.sampled_from(sorted(CHANGES)))
    starts_at = data.draw(st.sampled_from(CHANGES[zone])) + timedelta(minutes=minutes)
    ends_at = starts_at + timedelta(minutes=length)
    raw = single(replace(ENTRY, zone=zone, starts_at=starts_at, ends_at=ends_at))
    assert instants(raw) == (starts_at, ends_at)
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (starts_at, ends_at)


def test_control_the_second_of_two_told_by_the_wall_clock_is_read_as_the_first(monkeypatch):
    monkeypatch.setattr(zones, "is_told_in_utc", lambda local: False)
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    raw = single(replace(ENTRY, zone="America/New_York", starts_at=second, ends_at=second + timedelta(hours=1)))
    assert instants(raw)[0] == second - timedelta(hours=1)


# --- lines -----------------------------------------------------------------------------------------------------------

WRITTEN = st.text(st.characters(codec="utf-8"), max_size=300)


@settings(max_examples=300, deadline=None)
@given(hospital=WRITTEN, doctor=WRITTEN, address=st.emails())
def test_whatever_people_are_called_the_file_is_whole(hospital, doctor, address):
    raw = invited(replace(ENTRY, hospital=hospital, doctor=doctor), address=address)
    assert rfc5545.offences(raw) == []
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    if doctor:
        told = readable(f"Appointment AP-7K3Q9F2M with {doctor}, {hospital}")
        assert rfc5545.unescaped(event_of(raw).get("SUMMARY")) == told
        assert event["SUMMARY"] == told


def readable(text):
    return " ".join("".join(each for each in text if each.isspace() or each.isprintable() or each >= "\x80").split())


def test_nobody_writes_a_line_of_their_own_into_a_file():
    raw = single(replace(ENTRY, hospital="Lotus\r\nATTENDEE:mailto:eve@example.com\u2028X:1"))
    assert event_of(raw).all("ATTENDEE") == []
    assert "Lotus ATTENDEE:mailto:eve@example.com X:1" in text_of(raw, "SUMMARY")
    event = event_of(invited(address='"a\r\nX-EVIL:1"@example.com'))
    assert event.all("X-EVIL") == []


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("aé€😀مر्हि"), max_size=400))
def test_a_folded_line_is_whole_again_and_no_piece_is_too_long(text):
    pieces = list(lines.fold("X:" + text))
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == "X:" + text
    assert {piece[0] for piece in pieces[1:]} <= {" "}


# --- a feed ----------------------------------------------------------------------------------------------------------


def test_a_feed_holds_appointments_of_several_zones_and_leave_without_a_reason():
    elsewhere = replace(ENTRY, id=UUID(int=2), zone="Europe/London", doctor="")
    leave = Leave(id=UUID(int=3), starts_at=NOW, ends_at=NOW + timedelta(days=7), changed_at=NOW)
    raw = calendar_files.feed("Medivoy", [replace(ENTRY, doctor=""), elsewhere], [leave]).encode()
    assert rfc5545.offences(raw) == []
    calendar = rfc5545.read(raw)
    assert [zone.get("TZID") for zone in calendar.named("VTIMEZONE")] == ["Asia/Kolkata", "Europe/London"]
    away = calendar.named("VEVENT")[-1]
    assert (away.get("DTSTART"), away.get("DTEND")) == ("20261121T090000Z", "20261128T090000Z")
    assert (away.get("SUMMARY"), away.get("TRANSP")) == ("No appointments", "OPAQUE")
    assert calendar.get("METHOD") is None


def test_a_feed_of_which_nothing_changed_is_the_same_to_the_octet():
    made = [calendar_files.feed("Medivoy", [ENTRY], []) for _time in range(2)]
    assert made[0] == made[1]
    assert event_of(made[0].encode()).get("DTSTAMP") == "20261120T081530Z", "when it was last changed"


def test_control_the_rules_see_what_breaks_them():
    good = single()
    broken = {
        "CRLF": good.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\n", 1),
        "octets": good.replace(b"\r\n ", b"", 1).replace(b"SUMMARY:", b"SUMMARY:" + b"x" * 70, 1),
        "not defined": good.replace(b"TZID:Asia/Kolkata", b"TZID:Asia/Colombo"),
        "organizer": b"".join(line for line in good.splitlines(True) if not line.startswith(b"ORGANIZER")),
        "escaped": good.replace(b"Rao\\, Lotus", b"Rao, Lotus"),
        "no UID": good.replace(b"\r\nUID:", b"\r\nX-UID:"),
    }
    for word, raw in broken.items():
        assert raw != good
        try:
            found = rfc5545.offences(raw)
        except AssertionError as refused:
            found = [str(refused)]
        assert found, word
