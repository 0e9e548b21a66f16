"""Delivers what is due, by hand: `manage.py deliver_messages`. The job "deliver messages" does it every ten seconds."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.notifications import services


class Command(BaseCommand):
    help = "Send every message that is due now, beside any workers that are running."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.deliver_due()} sent")
