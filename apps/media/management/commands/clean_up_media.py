"""The hourly clean-up by hand: `manage.py clean_up_media`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.media import services


class Command(BaseCommand):
    help = (
        "Remove uploads that broke off, files that nothing has used for a day, and what was in quarantine for a month."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        counts = services.clean_up(now) | services.clean_up_sessions(now)
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"erased: {services.erase_discarded()}")
