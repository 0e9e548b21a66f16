"""`manage.py recount_ratings`: ratings of doctors and hospitals from the published reviews, where they say other."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.bookings import services


class Command(BaseCommand):
    help = "Counts the ratings of doctors and hospitals anew from the published reviews, and says how many were wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        mended = services.recount_ratings()
        self.stdout.write(", ".join(f"{name}: {number} mended" for name, number in mended.items()))
