"""THE schedule: one line a job. celery-beat keeps it in the database, where the admin shows it and can pause a line."""

from datetime import timedelta

from celery.schedules import crontab, schedule

#: See `apps.common.health`: the heartbeat is stale after three times this.
HEARTBEAT_EVERY = timedelta(seconds=30)

SCHEDULE = {
    "show that beat and a worker are alive": {
        "task": "common.heartbeat",
        "schedule": schedule(HEARTBEAT_EVERY),
        "options": {"expires": HEARTBEAT_EVERY.total_seconds()},
    },
    # Runs that no worker took in time are dropped: the next one does the same.
    "deliver messages": {"task": "notifications.deliver_due", "schedule": schedule(10), "options": {"expires": 10}},
    "erase removed files": {"task": "media.erase_discarded", "schedule": schedule(60), "options": {"expires": 60}},
    "clean up unused files": {"task": "media.clean_up", "schedule": crontab(minute="25"), "options": {"expires": 3600}},
    "check large uploads": {"task": "media.check_uploads", "schedule": schedule(10), "options": {"expires": 10}},
    "scan files for viruses": {"task": "media.scan_files", "schedule": schedule(10), "options": {"expires": 10}},
    "escalate critical results": {
        "task": "clinical.escalate_results",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "ask insurers about policies": {
        "task": "clinical.ask_insurers",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    "send refunds to their gateways": {
        "task": "billing.send_refunds",
        "schedule": schedule(15),
        "options": {"expires": 15},
    },
    "settle with hospitals": {
        "task": "billing.work_off_settlement_runs",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    # The central bank publishes about 16:00 of its time; the later runs are for a day on which it is late or away.
    "fetch exchange rates": {"task": "common.fetch_exchange_rates", "schedule": crontab(hour="15,18,21", minute="40")},
    # After midnight UTC, when the directory's own day begins.
    "end what expired": {"task": "hospitals.end_what_expired", "schedule": crontab(hour="0", minute="20")},
    "mend what the directory derives": {"task": "hospitals.mend_derived", "schedule": crontab(hour="2", minute="40")},
    # What it finds due was seldom changed more than a minute ago, so the directory is as fresh as that.
    "find next free times": {"task": "bookings.check_calendars", "schedule": schedule(60), "options": {"expires": 60}},
    "look through every calendar": {"task": "bookings.want_checks", "schedule": crontab(hour="2", minute="35")},
    "keep public holidays": {
        "task": "bookings.load_holidays",
        "schedule": crontab(hour="1", minute="35"),
        "options": {"expires": 3600},
    },
    "remind of appointments": {"task": "bookings.send_reminders", "schedule": schedule(60), "options": {"expires": 60}},
    # Each hour it is a decent one somewhere else.
    "remind of payments that are due": {
        "task": "billing.remind_of_due",
        "schedule": crontab(minute="10"),
        "options": {"expires": 3600},
    },
    "open and close video rooms": {
        "task": "bookings.tend_video_rooms",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    "let go of what is held too long": {
        "task": "bookings.lapse_holds",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    # What money coming in, or an appointment called off, should have brought about at once.
    "finish what money left undone": {
        "task": "bookings.follow_money",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "forget holds that lapsed": {"task": "bookings.forget_lapsed", "schedule": crontab(hour="3", minute="25")},
    "tell of patients who have not chosen": {
        "task": "bookings.overdue_displacements",
        "schedule": crontab(minute="5"),
        "options": {"expires": 3600},
    },
    "renew subscriptions": {
        "task": "billing.renew_subscriptions",
        "schedule": crontab(minute="10"),
        "options": {"expires": 3600},
    },
    "apply webhooks": {"task": "billing.apply_webhooks", "schedule": schedule(5), "options": {"expires": 5}},
    "ask gateways about payments": {
        "task": "billing.ask_gateways",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "forget what webhooks said": {"task": "billing.empty_webhooks", "schedule": crontab(hour="3", minute="35")},
    "seal log of readings": {"task": "clinical.seal_readings", "schedule": schedule(60), "options": {"expires": 60}},
    "make copies of people's data": {
        "task": "interop.make_exports",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    "remove copies of people's data": {"task": "interop.expire_exports", "schedule": crontab(minute="45")},
    "erase what people asked us to": {"task": "interop.erase_due", "schedule": crontab(minute="50")},
    "clean up sessions and codes": {"task": "accounts.clean_up", "schedule": crontab(hour="3", minute="15")},
    "issue invoices": {"task": "billing.issue_invoices", "schedule": schedule(30), "options": {"expires": 30}},
}
