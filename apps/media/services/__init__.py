"""Every verb of media, by room: files, uploads in parts, checking what has arrived, scanning for viruses.

A file is stored in this order: a row `pending`, committed; the objects, outside any transaction; the row `ready`. It is
removed in the other: the row goes, and what is left to delete is written down, in one transaction, where the foreign
keys of whoever uses the file have the last word; then the objects go, then the note. So a row that can be seen always
has its objects, and whatever breaks off is found by the clean-up.
"""

from .checking import check_uploads
from .files import (
    clean_up,
    deposit,
    erase_discarded,
    keep_file,
    publish,
    remove_file,
    store_archive,
    store_document,
    store_generated,
    store_image,
    store_medical_record,
    take_back,
)
from .scans import scan_again, scan_files
from .sessions import (
    addresses,
    arrived_parts,
    begin_session,
    clean_up_sessions,
    complete_session,
    give_up_session,
    numbers_of,
    open_for_parts,
    take_part,
)

__all__ = [
    "addresses",
    "arrived_parts",
    "begin_session",
    "check_uploads",
    "clean_up",
    "clean_up_sessions",
    "complete_session",
    "deposit",
    "erase_discarded",
    "give_up_session",
    "keep_file",
    "numbers_of",
    "open_for_parts",
    "publish",
    "remove_file",
    "scan_again",
    "scan_files",
    "store_archive",
    "store_document",
    "store_generated",
    "store_image",
    "store_medical_record",
    "take_back",
    "take_part",
]
