"""What the views of clinical have in common."""

from apps.accounts.views.base import Signed, read

__all__ = ["Signed", "read"]
