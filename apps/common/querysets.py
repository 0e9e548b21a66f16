"""Querysets shared by every app: row scopes and the audit trail's."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from uuid import UUID


class ScopedQuerySet(models.QuerySet):
    """The base of every queryset: `visible_to(user)` is the one row scope, used by API, admin, exports and reports.

    Default deny: a model that does not say who sees its rows shows none.
    """

    def visible_to(self, user: Any) -> Self:
        return self.none()

    def lock(self, pk: "UUID") -> Any:
        """The row, locked until the transaction ends. Raises DoesNotExist.

        Not against rows that refer to it: a message to a person or a booking with a doctor need not wait, and a
        deadlock with whoever writes one cannot come about.
        """
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)


class AuditEntryQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins read the whole trail; nobody else reads any of it."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()


class ExchangeRateQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins look after the rates. Everyone is told the rate that a shown price was made with."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()

    def taken(self) -> Self:
        """Those that are used."""
        return self.filter(is_kept_out=False)

    def newest(self) -> Self:
        """The last day's of each currency."""
        return self.order_by("currency", "-on").distinct("currency")
