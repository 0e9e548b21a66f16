"""Jobs in the admin: seen, switched on and off, run by hand."""

import pytest
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from apps.common.models import AuditEntry
from medivoy import admin as job_pages

pytestmark = pytest.mark.django_db
JOBS = "/admin/django_celery_beat/periodictask/"


@pytest.fixture
def boss(client, platform_admin):
    client.force_login(platform_admin)
    return client


@pytest.fixture
def job(db):
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    return PeriodicTask.objects.create(
        name="deliver messages", task="notifications.deliver_due", interval=every, kwargs='{"limit": 5}'
    )


@pytest.fixture
def sent(monkeypatch):
    calls = []
    monkeypatch.setattr(job_pages.app, "send_task", lambda name, **options: calls.append((name, options)))
    return calls


def act(client, action, job):
    return client.post(JOBS, {"action": action, "_selected_action": [str(job.pk)]}, follow=True)


def test_a_job_is_listed_with_its_times(boss, job):
    page = boss.get(JOBS).content.decode()
    assert "deliver messages" in page
    assert "every 10 seconds" in page


def test_a_job_at_a_time_of_day_says_so(boss, job):
    job.interval, job.crontab = None, CrontabSchedule.objects.create(minute="30", hour="3")
    job.save()
    assert "03:30" in boss.get(JOBS).content.decode()


def test_a_job_is_run_by_hand_with_its_own_arguments(boss, job, sent):
    page = act(boss, "run_now", job).content.decode()
    assert "1 job is queued." in page
    assert sent == [("notifications.deliver_due", {"args": [], "kwargs": {"limit": 5}, "queue": None})]
    assert AuditEntry.objects.filter(action="job.run_by_hand").exists()


def test_a_broker_that_is_gone_is_a_message(boss, job, monkeypatch):
    def refuse(*args, **options):
        raise OperationalError

    monkeypatch.setattr(job_pages.app, "send_task", refuse)
    assert "temporarily unavailable" in act(boss, "run_now", job).content.decode()


def test_a_job_is_switched_off_and_on(boss, job):
    act(boss, "switch_off", job)
    job.refresh_from_db()
    assert not job.enabled
    act(boss, "switch_on", job)
    job.refresh_from_db()
    assert job.enabled
    assert set(AuditEntry.objects.filter(action__startswith="job.").values_list("action", flat=True)) == {
        "job.switched_off",
        "job.switched_on",
    }


def test_its_task_and_times_are_read_and_not_written(boss, job):
    page = reverse("admin:django_celery_beat_periodictask_change", args=(job.pk,))
    assert boss.get(page).status_code == 200
    boss.post(page, {"task": "os.system", "name": "other", "enabled": "on", "description": "Every ten seconds."})
    job.refresh_from_db()
    assert (job.task, job.name, job.description) == (
        "notifications.deliver_due",
        "deliver messages",
        "Every ten seconds.",
    )
    assert boss.get(f"{JOBS}add/").status_code == 403


def test_only_platform_admins_get_here(client, coordinator, hospital_admin, job, sent):
    for user in (coordinator, hospital_admin):
        client.force_login(user)
        assert client.get(JOBS).status_code == 403
        assert act(client, "run_now", job).status_code == 403
    assert sent == []
