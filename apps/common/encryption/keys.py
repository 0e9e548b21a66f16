"""The keys of encrypted columns, and what is done with them: AES-256-GCM for values, HMAC-SHA256 for lookups.

`FIELD_KEYS` is `k2:<base64 of 32 bytes>,k1:<...>`: the first key writes, all of them read. `BLIND_INDEX_KEY` is one key
without a name. No message here quotes a key or a value.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[a-z0-9_-]{1,16}")
#: Of 32 random bytes, fewer than this many different ones do not occur.
_PLAIN = 12


class EncryptionError(Exception):
    """An encrypted value cannot be read: its key is not in the ring, or it is not what was written there."""


class Ring:
    """The keys by their ids; the newest is the one that writes."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.newest = next(iter(keys))
        self.ids = tuple(keys)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    def is_newest(self, sealed: str) -> bool:
        """Whether it was sealed with the key that writes now."""
        return sealed.startswith(f"{self.newest}:")

    def seal(self, plain: str, context: str) -> str:
        """`plain` under the newest key, readable in the column `context` ("app.model.field") only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self.newest].encrypt(nonce, plain.encode(), context.encode())
        return f"{self.newest}:{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """What was sealed for this column. Raises EncryptionError."""
        key_id, colon, text = sealed.partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise EncryptionError(f"{context} holds a value that was not encrypted here")
        if key_id not in self._ciphers:
            raise EncryptionError(f"{context} holds a value of the key {key_id}, which is not in FIELD_KEYS")
        try:
            body = base64.b64decode(text, altchars=b"-_", validate=True)
            if len(body) < _NONCE_BYTES + _TAG_BYTES:
                raise ValueError("too short")
            opened = self._ciphers[key_id].decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise EncryptionError(f"{context} holds a value that was changed or moved since it was written") from error
        return opened.decode()


def read_key(name: str, text: str) -> bytes:
    """The 32 bytes of a key in base64. Raises ImproperlyConfigured by the variable's name, never by the key."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name} holds a key that is not base64") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} holds a key that is not {KEY_BYTES} bytes long")
    if len(set(key)) < _PLAIN:
        raise ImproperlyConfigured(f"{name} holds a key that is too plain")
    return key


def read_ring(text: str) -> dict[str, bytes]:
    """FIELD_KEYS as keys by id, the newest first. Raises ImproperlyConfigured, without quoting any of it."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(text.split(","), start=1):
        key_id, colon, key = part.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise ImproperlyConfigured(f"FIELD_KEYS: entry {number} is not `id:key` with an id of a-z, 0-9, _ and -")
        if key_id in keys:
            raise ImproperlyConfigured(f"FIELD_KEYS: entry {number} has the id of another")
        keys[key_id] = read_key("FIELD_KEYS", key)
    if len(set(keys.values())) < len(keys):
        raise ImproperlyConfigured("FIELD_KEYS: one key stands under two ids")
    return keys


def ring() -> Ring:
    """The keys of this process."""
    return _ring(settings.FIELD_KEYS)


@lru_cache(maxsize=4)
def _ring(text: str) -> Ring:
    return Ring(read_ring(text))


def blind_index(normalised: str, context: str) -> str:
    """A keyed fingerprint, of use only for finding the same value in the same column."""
    return hmac.new(_index_key(settings.BLIND_INDEX_KEY, context), normalised.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)
def _index_key(text: str, context: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"blind index of {context}".encode())
    return derivation.derive(read_key("BLIND_INDEX_KEY", text))
