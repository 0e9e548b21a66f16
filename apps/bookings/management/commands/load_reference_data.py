"""`manage.py load_reference_data`: specialties, procedures, treatment categories, accreditation bodies, insurers
and the texts that patients consent to, in five languages, and cancellation terms, for a new installation or new lists.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.billing import services as billing_services
from apps.clinical import services
from apps.hospitals import services as hospital_services

#: File under data/, and who saves it; in the order in which they need one another.
LISTS = {
    "specialties": hospital_services.save_specialties,
    "procedures": hospital_services.save_procedures,
    "treatment_categories": hospital_services.save_treatment_categories,
    "accreditation_bodies": hospital_services.save_accreditation_bodies,
    "insurers": services.save_insurers,
    "consent_texts": services.save_consent_texts,
    "cancellation_policies": billing_services.save_cancellation_policies,
    "subscription_plans": billing_services.save_plans,
}


class Command(BaseCommand):
    help = "Loads the lists under data/. What is there is brought up to date, but for texts that a person has written."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, save in LISTS.items():
            rows = json.loads((Path(settings.BASE_DIR) / "data" / f"{name}.json").read_text(encoding="utf-8"))
            self.stdout.write(f"{save(rows)} {name.replace('_', ' ')}")
