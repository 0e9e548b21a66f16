"""What accounts does about news from Django."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from apps.common import audit

from .models import User


@receiver(user_logged_in, dispatch_uid="accounts.record_admin_sign_in")
def record_admin_sign_in(sender: Any, user: User, **_kwargs: Any) -> None:
    """Who enters the admin stands in the audit trail; `services.sign_in` does the same for the API."""
    audit.record("sign_in.succeeded", user, actor=user, where="admin")
