"""What billing announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: Money for something that billing does not know has been recorded. Arguments: payment (it has a `subject_type` and a
#: `subject_id`), now. Whoever sold it does what follows from that, and refuses nothing: the money is here.
payment_received = Signal()

#: What is owed for something has changed. Arguments: bill (it has a `subject_type` and a `subject_id`), from_status,
#: to_status (see `workflow.bills`), by, now. Sent under the bill's lock.
bill_moved = Signal()
