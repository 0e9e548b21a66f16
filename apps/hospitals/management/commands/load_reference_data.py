"""`manage.py load_reference_data`: specialties, procedures, treatment categories and accreditation bodies, in five
languages, for a new installation or new lists."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.hospitals import services

#: File under data/, and who saves it; in the order in which they need one another.
LISTS = {
    "specialties": services.save_specialties,
    "procedures": services.save_procedures,
    "treatment_categories": services.save_treatment_categories,
    "accreditation_bodies": services.save_accreditation_bodies,
}


class Command(BaseCommand):
    help = "Loads the lists under data/. What is there is brought up to date, but for texts that a person has written."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, save in LISTS.items():
            rows = json.loads((Path(settings.BASE_DIR) / "data" / f"{name}.json").read_text(encoding="utf-8"))
            self.stdout.write(f"{save(rows)} {name.replace('_', ' ')}")
