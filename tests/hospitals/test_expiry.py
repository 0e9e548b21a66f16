"""What ends by itself: everyone is warned in time and told once, and what has ended counts no more."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings import services as booking_services
from apps.common.models import AuditEntry
from apps.hospitals import services, tasks
from apps.hospitals.models import Accreditation, AccreditationBody, Affiliation, Doctor, Hospital, Licence
from apps.hospitals.services import expiry
from apps.hospitals.signals import practice_changed
from apps.hospitals.workflow import AffiliationStatus
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, LicenceFactory

pytestmark = pytest.mark.django_db
TODAY = date(2030, 5, 17)


@pytest.fixture(autouse=True)
def _at_twenty_past_midnight(time_machine):
    time_machine.move_to("2030-05-17T00:20:00Z", tick=False)


def in_days(days):
    return TODAY + timedelta(days=days)


def told(user, channel="email"):
    rows = Message.objects.filter(recipient=user, channel=channel).values_list("kind", flat=True)
    return sorted(kind.removeprefix("hospitals.") for kind in rows)


@pytest.fixture
def licensed(doctor):
    """`licensed(30)` gives the doctor's only licence so many days to go."""

    def give(days):
        doctor.licences.update(expires_on=in_days(days), told_days=None)
        return doctor.licences.get()

    return give


@pytest.fixture
def accreditation(hospital):
    body = AccreditationBody.objects.create(code="JCI", name="Joint Commission International")
    return Accreditation.objects.create(
        hospital=hospital, body=body, number="1", verification="approved", expires_on=in_days(60)
    )


# --- licences ---


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (91, []), (90, ["licence_expires"]), (60, ["licence_expires"]), (30, ["licence_expires"]),
        (0, ["licence_expires"]), (-1, ["licence_lapsed"]),
    ],
)  # fmt: skip
def test_a_doctor_is_warned_90_60_and_30_days_ahead_and_told_of_the_lapse(doctor, licensed, days, expected):
    licensed(days)
    services.end_what_expired()
    services.end_what_expired()
    assert told(doctor.user) == told(doctor.user, "in_app") == expected


def test_over_the_months_each_warning_comes_once(doctor, licensed, time_machine):
    licensed(100)
    seen = []
    for day in range(0, 110, 5):
        time_machine.move_to(datetime(2030, 5, 17, 0, 20, tzinfo=UTC) + timedelta(days=day))
        services.end_what_expired()
        seen.append(len(told(doctor.user)))
    assert seen == [0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4]


def test_after_an_outage_the_nearest_warning_alone_is_given(doctor, licensed):
    licence = licensed(20)
    services.end_what_expired()
    licence.refresh_from_db()
    assert (told(doctor.user), licence.told_days) == (["licence_expires"], 30)


def test_a_lapse_takes_the_doctor_off_the_list_and_bookings_hear_of_it_once(doctor, licensed):
    heard = []

    def listen(sender, doctor_ids, **kwargs):
        heard.append(set(doctor_ids))

    licensed(-1)
    practice_changed.connect(listen)
    services.end_what_expired()
    services.end_what_expired()
    practice_changed.disconnect(listen)
    assert heard == [{doctor.pk}]
    assert not Doctor.objects.listed(TODAY).exists()
    message = Message.objects.get(recipient=doctor.user, channel="email")
    assert message.context["is_licensed"] is False


def test_a_warning_is_no_news_for_bookings(doctor, licensed):
    heard = []

    def listen(sender, doctor_ids, **kwargs):
        heard.append(doctor_ids)

    licensed(30)
    practice_changed.connect(listen)
    services.end_what_expired()
    practice_changed.disconnect(listen)
    assert heard == []


def test_a_licence_that_a_longer_one_has_followed_is_no_matter(doctor, licensed):
    licensed(-1)
    LicenceFactory(doctor=doctor, expires_on=in_days(400))
    assert services.end_what_expired()["licences"] == 0
    assert told(doctor.user) == []


def test_a_renewal_that_waits_is_none_yet(doctor, licensed):
    licensed(10)
    LicenceFactory(doctor=doctor, expires_on=in_days(400), verification="pending")
    services.end_what_expired()
    assert told(doctor.user) == ["licence_expires"]


def test_a_licence_of_another_country_that_lasts_is_said(doctor, licensed):
    licensed(-1)
    LicenceFactory(doctor=doctor, country="TR", expires_on=in_days(400))
    services.end_what_expired()
    assert Message.objects.get(recipient=doctor.user, channel="email").context["is_licensed"] is True


@pytest.mark.parametrize(
    "standing",
    [
        {"doctor": {"verification": "pending"}}, {"doctor": {"is_active": False}},
        {"licence": {"verification": "pending"}}, {"licence": {"expires_on": None}}, {"account": {"is_active": False}},
    ],
)  # fmt: skip
def test_what_the_list_does_not_hang_on_is_not_told(doctor, licensed, standing):
    licensed(5)
    Doctor.objects.update(**standing.get("doctor", {}))
    Licence.objects.update(**standing.get("licence", {}))
    User.objects.filter(pk=doctor.user_id).update(**standing.get("account", {}))
    assert services.end_what_expired()["licences"] == 0
    assert not Message.objects.exists()


def test_a_licence_whose_last_day_was_corrected_is_warned_of_anew(doctor, licensed, platform_admin):
    licence = licensed(5)
    services.end_what_expired()
    services.update_licence(licence, by=platform_admin, expires_on=in_days(45))
    services.end_what_expired()
    assert told(doctor.user) == ["licence_expires"] * 2


def test_telling_leaves_no_trace_in_the_licences_history(licensed):
    licence = licensed(5)
    before = AuditEntry.objects.filter(object_id=str(licence.pk)).count()
    services.end_what_expired()
    assert AuditEntry.objects.filter(object_id=str(licence.pk)).count() == before


# --- accreditations ---


@pytest.mark.parametrize(("days", "kind"), [(60, "accreditation_expires"), (-1, "accreditation_lapsed")])
def test_a_hospitals_staff_are_told_of_its_accreditation(
    accreditation, hospital_admin, other_hospital_admin, days, kind
):
    Accreditation.objects.update(expires_on=in_days(days))
    services.end_what_expired()
    services.end_what_expired()
    assert (told(hospital_admin), told(other_hospital_admin)) == ([kind], [])


def test_a_hospital_that_is_not_listed_is_not_told(accreditation, hospital_admin):
    Hospital.objects.update(is_active=False)
    services.end_what_expired()
    assert told(hospital_admin) == []


# --- platform admins ---


def test_platform_admins_get_one_message_of_all(doctor, licensed, accreditation, platform_admin):
    second = UserFactory(role=Role.ADMIN, language="ar")
    licensed(-1)
    services.end_what_expired()
    services.end_what_expired()
    assert told(platform_admin) == told(second) == ["expiry_digest"]
    context = Message.objects.get(recipient=platform_admin, channel="email").context
    assert [(line["name"], line["of"], line["has_lapsed"]) for line in context["lines"]] == [
        (str(doctor), "India", True),
        (accreditation.hospital.name, "JCI", False),
    ]
    assert context["more"] == 0
    assert "الهند" in rendering.render(Message.objects.get(recipient=second, channel="email")).text


def test_where_nothing_ends_nobody_is_told(doctor, licensed, platform_admin):
    licensed(200)
    assert services.end_what_expired() == {"licences": 0, "accreditations": 0, "affiliations": 0}
    assert not Message.objects.exists()


def test_a_long_list_is_cut_and_the_rest_counted(platform_admin):
    for number in range(43):
        DoctorFactory(licence__expires_on=in_days(number))
    services.end_what_expired()
    context = Message.objects.get(recipient=platform_admin, channel="email").context
    assert (len(context["lines"]), context["more"]) == (40, 3)
    assert "3 more" in rendering.render(Message.objects.get(recipient=platform_admin, channel="email")).text


# --- the run itself ---


def queries_for(count):
    DoctorFactory.create_batch(count, licence__expires_on=in_days(10))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert services.end_what_expired()["licences"] == count
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_licences(platform_admin):
    assert queries_for(3) == queries_for(30)


def test_a_run_that_breaks_off_has_told_nobody_and_the_next_tells_all(doctor, licensed, platform_admin, monkeypatch):
    licence = licensed(-1)
    with monkeypatch.context() as patch:
        patch.setattr(booking_services, "refresh_bookable", lambda ids: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.end_what_expired()
    licence.refresh_from_db()
    assert (licence.told_days, Message.objects.count()) == (None, 0)
    services.end_what_expired()
    assert told(doctor.user) == ["licence_lapsed"]
    assert told(platform_admin) == ["expiry_digest"]


def test_the_job_and_the_command_do_the_same(doctor, licensed):
    licensed(30)
    assert tasks.end_what_expired() == {"licences": 1, "accreditations": 0, "affiliations": 0}
    licensed(-1)
    output = StringIO()
    call_command("end_what_expired", stdout=output)
    assert output.getvalue() == "Told of 1 licences and 0 accreditations, ended 0 affiliations.\n"
    assert told(doctor.user) == ["licence_expires", "licence_lapsed"]


# --- affiliations ---


@pytest.mark.parametrize(
    ("zone", "ended"),
    [("Asia/Kolkata", True), ("Pacific/Kiritimati", True), ("America/Mexico_City", False), ("UTC", True)],
)
def test_an_affiliation_ends_after_its_last_day_on_the_hospitals_calendar(doctor, zone, ended):
    hospital = HospitalFactory(time_zone=zone)
    affiliation = AffiliationFactory(doctor=doctor, hospital=hospital, is_primary=False, ends_on=in_days(-1))
    assert services.end_what_expired()["affiliations"] == int(ended)
    affiliation.refresh_from_db()
    assert affiliation.status == (AffiliationStatus.ENDED if ended else AffiliationStatus.ACTIVE)
    assert affiliation.ends_on == in_days(-1)


def test_both_sides_are_told_that_an_affiliation_is_over_and_once(doctor, hospital_admin):
    services.set_bookable([doctor.pk], True)
    Affiliation.objects.update(ends_on=in_days(-1))
    services.end_what_expired()
    services.end_what_expired()
    assert (told(doctor.user), told(hospital_admin)) == (["affiliation_ended"], ["affiliation_over"])
    assert not Doctor.objects.get(pk=doctor.pk).is_bookable


def test_what_was_ended_meanwhile_is_left_alone(doctor, hospital, hospital_admin):
    Affiliation.objects.update(ends_on=in_days(-1))
    affiliation = Affiliation.objects.get()
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    assert expiry.affiliations.end_if_over(affiliation, now=timezone.now()) is False


def test_a_licence_that_has_lapsed_too_keeps_nobody_in_the_directory(doctor):
    Licence.objects.filter(doctor=doctor).delete()
    for country, days in [("IN", -9), ("AE", -3)]:
        LicenceFactory(doctor=doctor, country=country, expires_on=in_days(days))
    services.end_what_expired()
    lapsed = Message.objects.filter(recipient=doctor.user, channel="email", kind="hospitals.licence_lapsed")
    assert [message.context["is_licensed"] for message in lapsed] == [False, False]
