"""`manage.py check_invoice_numbers`: whether every series of invoices is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.billing import selectors
from apps.billing.models import InvoiceSeries


class Command(BaseCommand):
    help = "Each number from one to the last of each series is borne by one invoice. Exit code 1 when one is not."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for series in InvoiceSeries.objects.order_by("prefix", "year"):
            found = selectors.check_series(series)
            if found.is_whole:
                self.stdout.write(f"{series}: {found.issued} numbers, no gap")
                continue
            broken += 1
            missing = ", ".join(map(str, found.missing)) or "none"
            self.stdout.write(
                f"{series}: last number {series.last_number}, {found.issued} invoices;"
                f" missing: {missing}; wrongly numbered: {found.misnumbered}"
            )
        if broken:
            raise CommandError(f"{broken} series are not whole.", returncode=1)
