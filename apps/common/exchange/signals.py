"""What new rates announce upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: Newer rates were stored. Arguments: currencies (a frozenset of their codes), rates (Rates with the new ones). Whoever
#: keeps amounts made comparable by rates makes them anew.
rates_changed = Signal()
