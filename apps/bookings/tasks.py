"""Jobs of bookings. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task

from . import services


@shared_task(name="bookings.check_calendars", ignore_result=True)
def check_calendars() -> None:
    services.check_calendars()


@shared_task(name="bookings.send_reminders", ignore_result=True)
def send_reminders() -> None:
    services.send_reminders()


@shared_task(name="bookings.want_checks", ignore_result=True)
def want_checks() -> None:
    services.want_checks()


@shared_task(name="bookings.load_holidays", ignore_result=True)
def load_holidays() -> None:
    services.load_holidays()
