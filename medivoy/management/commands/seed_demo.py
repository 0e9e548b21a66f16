"""`manage.py seed_demo`: the demo world, once."""

import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medivoy.demo import loading


class Command(BaseCommand):
    """Load hospitals, doctors, patients and appointments that a visitor would believe; nothing when they are there."""

    help = "Loads the demo world, unless it is there already. Refused in production: its passwords are public."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pictures",
            action=BooleanOptionalAction,
            default=True,
            help="draw the pictures too, which takes a minute or two; the site may run meanwhile",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo has public passwords: it is never loaded with MEDIVOY_ENV=production")
        began = time.monotonic()
        loaded = loading.load(self._tell, pictures=options["pictures"])
        done = ", ".join(loaded) if loaded else "everything was there"
        self.stdout.write(f"Demo data: {done} ({time.monotonic() - began:.1f} s). Sign-ins: {loading.SIGN_INS}")

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
