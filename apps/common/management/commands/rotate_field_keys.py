"""Encrypted columns under the newest key: `manage.py rotate_field_keys`; see docs/operations.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common.encryption import EncryptionError, keys, rotation


class Command(BaseCommand):
    help = "Encrypt every value of every encrypted column anew with the first key of FIELD_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if an old key is in use")
        parser.add_argument("--batch", type=int, default=500, help="rows of one transaction (500)")
        parser.add_argument(
            "--index", action="store_true", help="every row, with its blind index: after a change of BLIND_INDEX_KEY"
        )

    def handle(self, *args: Any, check: bool, batch: int, index: bool, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch is at least 1")
        ring = keys.ring()
        left = 0
        for column in rotation.columns():
            try:
                done = 0 if check else rotation.rotate(column, batch=batch, is_index_new=index)
            except EncryptionError as error:
                raise CommandError(str(error)) from error
            found = rotation.counts(column)
            left += sum(number for key, number in found.items() if key != ring.newest)
            by_key = ", ".join(f"{_called(key, ring)}: {number}" for key, number in found.items()) or "no values"
            self.stdout.write(f"{column.name}: {by_key}" + (f" ({done} rewritten)" if done else ""))
        if left:
            raise CommandError(f"{left} values are not under the key {ring.newest}")
        self.stdout.write(f"Everything is under the key {ring.newest}.")


def _called(key: str | None, ring: keys.Ring) -> str:
    if key is None:
        return "not encrypted"
    return key if key in ring.ids else f"{key} (not in FIELD_KEYS)"
