"""Whether the scanner for viruses does its work, for the page on which platform admins read how the system is."""

from datetime import timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from apps.common import health

from . import scanning
from .models import Scan, StoredFile
from .services import scans

#: A file that has waited longer than this shows that the scanner, or the worker that asks it, is not at work.
PATIENCE = timedelta(minutes=10)


def check_scanner() -> str:
    """On a connection of its own, as all checks are."""
    try:
        return find_out()
    finally:
        connection.close()


def find_out() -> str:
    """The scanner answers, and no file waits for it too long, or is larger than it takes. Raises Unhealthy."""
    waiting = (
        StoredFile.objects.stored()
        .filter(scan=Scan.WAITING)
        .aggregate(
            all=Count("pk"),
            too_large=Count("pk", filter=Q(scan_problem=scans.TOO_LARGE)),
            long=Count("pk", filter=Q(created_at__lt=timezone.now() - PATIENCE)),
        )
    )
    if waiting["too_large"]:
        raise health.Unhealthy(f"{waiting['too_large']} files are larger than the scanner takes")
    try:
        said = scanning.chosen().greet()
    except scanning.ScannerUnavailable as error:
        raise health.Unhealthy(f"the scanner does not answer ({error}); {waiting['all']} files wait") from error
    if waiting["long"]:
        raise health.Unhealthy(f"{waiting['long']} files wait longer than they should")
    return said or f"{waiting['all']} files wait"


health.SERVICES["scanner"] = check_scanner
