"""What accounts announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: A person registered or was invited. Arguments: user, details (dict of what registration was given for the profile).
#: clinical makes the Patient, hospitals the Doctor; a receiver returns the profile it made, or None for a role that is
#: not its own. `accounts.services` refuses a role that nobody makes a profile for.
user_registered = Signal()

#: A person must be told something (`accounts.notifications`). Arguments: kind (a name), user, event, context.
#: notifications, which lies above, writes the outbox rows in the same transaction.
message_wanted = Signal()
