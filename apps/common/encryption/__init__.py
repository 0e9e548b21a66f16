"""Identifiers that lie encrypted in the database: passport, policy and bank numbers.

    number = encryption.EncryptedTextField(_("number"), max_length=60)
    number_index = encryption.BlindIndexField(of="number")

An instance holds the plain text, the column `<key id>:<base64>`. Nobody can search the column; where a number must be
found, `encryption.lookup(Model, "number", text)` asks the blind index. `audit.tracked()`
masks the first and leaves out or masks the second.
"""

from .fields import BlindIndexField, EncryptedTextField, lookup
from .keys import EncryptionError
from .showing import masked

__all__ = ["BlindIndexField", "EncryptedTextField", "EncryptionError", "lookup", "masked"]
