"""Money over the API."""

from .refunds import (
    BillCancellationViewSet,
    PaymentRefundsViewSet,
)

__all__ = [
    "BillCancellationViewSet",
    "PaymentRefundsViewSet",
]
