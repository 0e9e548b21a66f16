"""Filling a template: the compiler, and how numbers and days are written in it."""

import functools
import json
import os
import threading
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from babel import numbers
from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from . import fonts
from .exceptions import DocumentError

ROOT: Path = settings.BASE_DIR / "apps"
#: For keeping: fonts and colours inside, text that can be read aloud and searched, nothing fetched from elsewhere.
STANDARD: Literal["a-2a"] = "a-2a"
#: Fine enough to be read on a screen.
PICTURE_PPI = 96
_compiling = threading.Lock()


def render(template: str, data: Mapping[str, Any], language: str, *, at: datetime) -> bytes:
    """The PDF of `template` (its path below apps/) with `data`, in one of the five languages.

    The same data give the same bytes: `at` is the document's own instant, not now. Takes some milliseconds a page, and
    is not called in a transaction. Raises CharactersNotSupported for a text that no font of ours can print, and
    DocumentError where template and data do not fit.
    """
    return _made(template, data, language, format="pdf", pdf_standards=STANDARD, timestamp=int(at.timestamp()))[0]


def pictures(template: str, data: Mapping[str, Any], language: str) -> list[bytes]:
    """The same, to be looked at within a page before anything is issued: a picture (PNG) a page."""
    return _made(template, data, language, format="png", ppi=PICTURE_PPI)


def _made(template: str, data: Mapping[str, Any], language: str, **how: Any) -> list[bytes]:
    if any(
        not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks
    ):  # as Django's own `durable` asks
        raise DocumentError(f"{template} is rendered inside a transaction, whose locks others wait for")
    fonts.require_supported(data)
    with translation.override(language):
        given = {"language": language, "labels": _labels(), "data": data}
    text = unicodedata.normalize("NFC", json.dumps(given, ensure_ascii=False, sort_keys=True))
    # A compiler holds its input while it works, and does not survive a fork: one a process, one document at a time.
    with _compiling:
        try:
            made: Any = _compiler(os.getpid()).compile(str(ROOT / template), sys_inputs={"document": text}, **how)
        except typst.TypstError as error:
            # The compiler's words quote the data, which may be a patient's: the place in the template is enough.
            raise DocumentError(f"{template} cannot be rendered: {len(error.trace)} steps deep") from None
    return [bytes(page) for page in made] if isinstance(made, list) else [bytes(made)]


def number(value: Decimal | int | float, language: str) -> str:
    """A number as people write it: “1,250.5”, “1 250,5”."""
    return numbers.format_decimal(value, locale=language, decimal_quantization=False)


def qr_code(text: str) -> str:
    """A code to be photographed, as SVG for a template."""
    return segno.make(text, error="m").svg_inline(border=0, omitsize=True)


@functools.lru_cache(maxsize=1)
def _compiler(process: int) -> typst.Compiler:
    ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER])
    return typst.Compiler(root=ROOT, font_paths=ours, ignore_system_fonts=True)


def _labels() -> dict[str, str]:
    """What the letterhead itself says."""
    return {"page": _("Page %(number)s of %(total)s") % {"number": "{number}", "total": "{total}"}}
