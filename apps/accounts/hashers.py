"""How passwords are hashed: Argon2id with OWASP's parameters for a server that hashes many at once."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """19 MiB, two passes, one lane.

    Django's own take 100 MiB and eight threads for each: thirty-two people signing in at once would need 3 GB. A hash
    made with other parameters is still read, and made anew when its person next signs in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
