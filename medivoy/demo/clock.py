"""Lets a service act at another instant, so that the demo's past was made by the verbs and rules of its present."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from unittest import mock

from django.utils import timezone

from apps.accounts.models import User
from apps.common import audit


@contextlib.contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Every service called inside reads `instant` as now. Only the loading of demo data may do this."""
    with mock.patch.object(timezone, "now", return_value=instant):
        yield


@contextlib.contextmanager
def acting(by: User, at: datetime) -> Iterator[None]:
    """As `standing_at`, and what is written inside is put down to `by` in the audit trail."""
    with standing_at(at), audit.acting(actor=by):
        yield
