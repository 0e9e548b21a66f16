"""What the directory announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: Doctors practise at a hospital now, or no more: an affiliation took effect or ended, or a hospital came on the list
#: or left it. Arguments: doctor_ids (those concerned). bookings says anew whether they take appointments.
practice_changed = Signal()
