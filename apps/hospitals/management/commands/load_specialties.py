"""`manage.py load_specialties`: the list of specialties in five languages, for a new installation or a new list."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.hospitals import services


class Command(BaseCommand):
    help = "Loads data/specialties.json; texts that are there already are brought up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = json.loads((Path(settings.BASE_DIR) / "data" / "specialties.json").read_text(encoding="utf-8"))
        self.stdout.write(f"{services.save_specialties(rows)} specialties")
