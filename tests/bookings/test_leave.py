"""Leave closes a doctor's calendar everywhere, and its reason is the doctor's own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.bookings import exceptions, services
from apps.bookings.models import TimeOff
from apps.common.exceptions import Invalid
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

WHY = "Treatment of my own"


@pytest.fixture
def away(schedule):
    at = timezone.now() + timedelta(days=30)
    return services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=at, ends_at=at + timedelta(days=1), reason=WHY
    )


def test_a_hospital_keeps_leave_of_a_doctor_who_practises_nowhere_else(schedule, hospital_admin, away):
    services.end_time_off(schedule.doctor_id, away.pk, by=hospital_admin)
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize("act", ["add", "change", "end"])
def test_one_of_several_hospitals_does_not_decide_over_leave(schedule, hospital_admin, other_hospital, away, act):
    AffiliationFactory(doctor=schedule.doctor, hospital=other_hospital, is_primary=False)
    period = {"starts_at": away.starts_at, "ends_at": away.ends_at + timedelta(days=9)}
    acts = {
        "add": lambda: services.add_time_off(schedule.doctor_id, by=hospital_admin, **period),
        "change": lambda: services.change_time_off(schedule.doctor_id, away.pk, by=hospital_admin, **period),
        "end": lambda: services.end_time_off(schedule.doctor_id, away.pk, by=hospital_admin),
    }
    with pytest.raises(exceptions.LeaveOfSharedDoctor):
        acts[act]()
    assert list(TimeOff.objects.values_list("pk", "ends_at", "reason")) == [(away.pk, away.ends_at, WHY)]


def test_a_doctor_with_several_hospitals_keeps_their_own_leave(schedule, other_hospital, away):
    AffiliationFactory(doctor=schedule.doctor, hospital=other_hospital, is_primary=False)
    services.end_time_off(schedule.doctor_id, away.pk, by=schedule.doctor.user)
    assert not TimeOff.objects.exists()


def test_over_the_api_a_hospital_sees_that_a_doctor_is_away_and_not_why(api, schedule, hospital, hospital_admin, away):
    path, body = f"/api/v1/doctors/{schedule.doctor_id}/availability", {"hospital_id": str(hospital.pk)}
    as_hospital = api(hospital_admin).patch(path, body).json()["data"]["time_off"]
    as_doctor = api(schedule.doctor.user).patch(path, body).json()["data"]["time_off"]
    assert [row["reason"] for row in as_hospital] == [""]
    assert [row["reason"] for row in as_doctor] == [WHY]


def test_in_the_admin_a_hospital_sees_that_a_doctor_is_away_and_not_why(client, hospital_admin, coordinator, away):
    pages = [
        reverse("admin:bookings_timeoff_changelist"),
        reverse("admin:bookings_timeoff_change", args=[away.pk]),
        reverse("admin:bookings_timeoff_history", args=[away.pk]),
    ]
    client.force_login(hospital_admin)
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200
        assert WHY not in response.content.decode()
    client.force_login(coordinator)
    assert WHY in client.get(pages[1]).content.decode()


def test_saving_in_the_admin_as_a_hospital_keeps_the_reason(client, hospital_admin, away):
    client.force_login(hospital_admin)
    page = reverse("admin:bookings_timeoff_change", args=[away.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form.initial[name] for name in form.fields if form.initial.get(name) is not None}
    for name in ("starts_at", "ends_at"):
        at = getattr(away, name)
        data |= {f"{name}_0": at.date().isoformat(), f"{name}_1": at.time().isoformat(timespec="seconds")}
    assert client.post(page, data).status_code == 302
    away.refresh_from_db()
    assert away.reason == WHY


@pytest.mark.parametrize("last_day", ["9999-12-31", "2100-01-01"])
def test_leave_beyond_this_century_is_refused_as_no_calendar_could_be_worked_out_with_it(
    client, platform_admin, schedule, last_day
):
    platform_admin.time_zone = "America/New_York"
    platform_admin.save()
    client.force_login(platform_admin)
    given = {"doctor": schedule.doctor_id, "starts_at_0": "2031-01-01", "starts_at_1": "09:00", "reason": ""}
    page = client.post(reverse("admin:bookings_timeoff_add"), given | {"ends_at_0": last_day, "ends_at_1": "23:00"})
    assert page.status_code == 200
    assert "Give a day from 2000 to 2099." in page.content.decode()
    assert not TimeOff.objects.exists()


def test_leave_that_ends_before_it_begins_is_refused(schedule, away):
    for act in (services.add_time_off, services.change_time_off):
        named = {"time_off_id": away.pk} if act is services.change_time_off else {}
        period = {"starts_at": away.ends_at, "ends_at": away.starts_at}
        with pytest.raises(Invalid) as refused:
            act(schedule.doctor_id, by=schedule.doctor.user, **named, **period)
        assert list(refused.value.errors) == ["ends_at"]
