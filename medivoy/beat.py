"""THE schedule: one line a job. celery-beat keeps it in the database, where the admin shows it and can pause a line."""

from celery.schedules import crontab, schedule

SCHEDULE = {
    "deliver messages": {"task": "notifications.deliver_due", "schedule": schedule(10)},
    "clean up sessions and codes": {"task": "accounts.clean_up", "schedule": crontab(hour="3", minute="15")},
}
