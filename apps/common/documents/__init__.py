"""Documents as PDF: prescriptions, invoices, quotations, letters.

`render` fills a typst template (a file beside the code of the app that owns it, which begins with the letterhead) with
plain data. Why it is made this way stands in docs/decisions/0020-documents.md.
"""

from .exceptions import CharactersNotSupported, DocumentError
from .fonts import require_supported, unsupported
from .rendering import number, pictures, qr_code, render

__all__ = [
    "CharactersNotSupported",
    "DocumentError",
    "number",
    "pictures",
    "qr_code",
    "render",
    "require_supported",
    "unsupported",
]
