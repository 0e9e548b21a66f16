"""Scan again what is there: `manage.py scan_media`, after new signatures, or once a scanner was set up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.media import scanning, services


class Command(BaseCommand):
    help = "Have every paper and medical record scanned once more; they stay in use meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        if not scanning.is_set_up():
            raise CommandError("MEDIA_SCANNER is off: there is nothing to scan with.")
        self.stdout.write(f"to be scanned: {services.scan_again()}")
