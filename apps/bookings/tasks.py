"""Jobs of bookings. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

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


@shared_task(name="bookings.overdue_displacements", ignore_result=True)
def overdue_displacements() -> None:
    services.tell_of_overdue()


@shared_task(name="bookings.load_holidays", ignore_result=True)
def load_holidays() -> None:
    services.load_holidays()


@shared_task(name="bookings.tend_video_rooms", ignore_result=True)
def tend_video_rooms() -> None:
    services.tend_video_rooms(timezone.now())


@shared_task(name="bookings.lapse_holds", ignore_result=True)
def lapse_holds() -> None:
    services.lapse_holds()


@shared_task(name="bookings.follow_money", ignore_result=True)
def follow_money() -> None:
    services.follow_money()


@shared_task(name="bookings.forget_lapsed", ignore_result=True)
def forget_lapsed() -> None:
    services.forget_lapsed()
