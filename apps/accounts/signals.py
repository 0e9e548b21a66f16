"""What accounts announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: A person registered or was invited. Arguments: user, details (dict of what registration was given for the profile).
#: clinical makes the Patient, hospitals the Doctor. `accounts.services` refuses a role that nobody makes a profile for.
user_registered = Signal()
