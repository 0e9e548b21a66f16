"""What the directory announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: Doctors practise at a hospital now, or no more: an affiliation took effect or ended, a hospital came on the list or
#: left it, or a licence was approved, rejected or lapsed. Arguments: doctor_ids (those concerned). bookings says anew
#: whether they take appointments.
practice_changed = Signal()
