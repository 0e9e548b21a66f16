"""Whether video rooms are opened, for the page on which platform admins read how the system is."""

from datetime import timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from apps.common import health

from . import rules, teleconsult
from .models import VideoRoom

#: A room that has been due for longer shows that no worker tends them.
PATIENCE = timedelta(minutes=10)


def check_video() -> str:
    """On a connection of its own, as all checks are."""
    try:
        return find_out()
    finally:
        connection.close()


def find_out() -> str:
    """No room has failed to open several times, and none is long due. The provider itself is not asked: it counts wrong
    answers, and a page that is looked at often would be one more caller. Raises Unhealthy."""
    rooms = VideoRoom.objects.filter(due_at__lte=timezone.now() + rules.ROOM_BEFORE).aggregate(
        failing=Count("pk", filter=Q(opened_at=None, attempts__gte=rules.LOUD_AFTER)),
        late=Count("pk", filter=Q(due_at__lt=timezone.now() - PATIENCE)),
    )
    if rooms["failing"]:
        raise health.Unhealthy(f"{rooms['failing']} rooms cannot be opened")
    if rooms["late"]:
        raise health.Unhealthy(f"{rooms['late']} rooms wait longer than they should")
    return "" if teleconsult.is_set_up() else "off"


health.SERVICES["video"] = check_video
