"""The hourly clean-up by hand: `manage.py clean_up_media`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.media import services


class Command(BaseCommand):
    help = "Remove uploads that broke off an hour ago and files that nothing has used for a day, with their objects."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = services.clean_up(timezone.now())
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"erased: {services.erase_discarded()}")
