"""Finding patients by what one knows of them, as far as one may."""

from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.clinical.models import Patient


def patients_called(words: str, *, reader: Any) -> QuerySet:
    """Patients whom the reader may find, by the beginnings of their names, or of an address where the reader may look
    people up: to others the answer would tell how an address begins."""
    found = Patient.objects.visible_to(reader)
    may_know_addresses = reader.has_perm("accounts.view_user")
    for word in words.split():
        names = Q(last_name__istartswith=word) | Q(first_name__istartswith=word)
        if may_know_addresses and "@" in word:
            names = Q(email__startswith=word.lower())
        found = found.filter(user__in=User.objects.filter(names).order_by().values("pk"))
    return found
