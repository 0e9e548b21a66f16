"""Run the daily job by hand: warn of licences and accreditations that end, end affiliations that are over."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.hospitals import services


class Command(BaseCommand):
    help = "Warn of licences and accreditations that end, and end what is over. Safe to run at any time and again."

    def handle(self, *args: Any, **options: Any) -> None:
        done = services.end_what_expired()
        self.stdout.write(
            f"Told of {done['licences']} licences and {done['accreditations']} accreditations,"
            f" ended {done['affiliations']} affiliations."
        )
