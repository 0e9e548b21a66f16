"""`manage.py verify_read_log`: whether the log of readings is as it was sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.clinical import services


class Command(BaseCommand):
    help = "Recomputes every seal of the log of readings. Exit code 1, and what is wrong first, when one does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            default="",
            metavar="NUMBER:DIGEST",
            help="A head seen before, from the job's log line read_log_sealed or an earlier run of this command. Only "
            "with it is it noticed that the end of the log was cut off.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = services.verify_read_log(expect=options["expect"])
        if found.broken:
            raise CommandError(f"The log of readings is broken: {found.broken}.", returncode=1)
        self.stdout.write(
            f"{found.entries} entries under {found.seals} seals are as they were sealed;"
            f" {found.unsealed} are not sealed yet."
        )
        self.stdout.write(f"head {found.head or 'none'}")
