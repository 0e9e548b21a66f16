"""What clinical announces to the apps above, inside the transaction."""

from django.dispatch import Signal

#: A patient's account is about to be closed: `patient`, `now`. A receiver that has something against it raises.
patient_closing = Signal()
#: A prescription has been signed: `prescription`, `by`, `now`.
prescription_signed = Signal()
