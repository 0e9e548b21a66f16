"""What media announces upward. Sent inside the transaction; listed in ARCHITECTURE.md."""

from django.dispatch import Signal

#: A virus was found in a file, which nobody can fetch any more. Argument: file. notifications tells its uploader and
#: the platform admins.
file_infected = Signal()
