"""Row scopes of people and sessions."""

import re
import unicodedata
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, Func, Q, TextField, Value

from apps.common.querysets import ScopedQuerySet

from .roles import Role


class Folded(Func):
    """A text without its accents, so that “jose” finds “José”."""

    template = r"regexp_replace(normalize(%(expressions)s, NFD), '[\u0300-\u036f]', '', 'g')"
    output_field = TextField()


#: The words a person is found by; indexed, so that finding one among a million takes as long as among ten thousand.
USER_WORDS = SearchVector(
    Folded("first_name"),
    Folded("last_name"),
    Func(F("email"), Value("@._+-"), Value("     "), function="translate", output_field=TextField()),
    config="simple",
)


class UserQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Admins, coordinators and support see every account; everyone else their own."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        return self.filter(pk=user.pk)

    def kept_by(self, user: Any) -> Self:
        """The accounts whose details a person opens and changes over the API: admins everyone's, others their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(pk=user.pk)

    def search(self, text: str) -> Self:
        """People whose name or e-mail address has a word beginning with each of these words."""
        folded = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
        words = re.findall(r"[^\W_]+", folded)
        if not words:
            return self.none()
        query = SearchQuery(" & ".join(f"'{word}':*" for word in words), search_type="raw", config="simple")
        return self.alias(words=USER_WORDS).filter(words=query)

    def by_email(self, email: str) -> Self:
        return self.filter(email=email.strip().lower())


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A session is its owner's business; platform admins see them to end them."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(user=user)

    def live(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__gt=now)

    def over_since(self, instant: datetime) -> Self:
        """Ended or expired before that instant."""
        return self.filter(Q(ended_at__lt=instant) | Q(expires_at__lt=instant))


class OwnedQuerySet(ScopedQuerySet):
    """Rows with a `user`: each sees their own."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(Q(user=user)) if user.is_authenticated else self.none()
