"""XLSX files in and out. What comes in is a stranger's archive: it is looked at from outside before it is read."""

import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

MEGABYTE = 1024 * 1024
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 5 * MEGABYTE
MAX_UNPACKED = 40 * MEGABYTE
MAX_PARTS = 100
MAX_ROWS = 5_000
#: Blank rows are passed over so far: one that says it is the billionth is not waited for.
LAST_BLANK_ROW = 20_000
MAX_COLUMNS = 100
#: A cell's text in Excel's own limit.
MAX_TEXT = 32_767

MAIN_PART = b"spreadsheetml.sheet.main+xml"
#: Parts that do something, or fetch something, when the file is opened.
ACTIVE_PARTS = (
    "vbaproject", "macrosheets", "activex", "embeddings", "externallinks", "ctrlprops", "customui", "dialogsheets",
)  # fmt: skip
#: What a program would take for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

NOT_A_SHEET = _("This is not an Excel workbook (.xlsx), or it is damaged.")
BROKEN = (
    AttributeError, EOFError, IndexError, InvalidFileException, KeyError, NotImplementedError, OSError, ParseError,
    RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """The first sheet: its headers, its rows that are not blank, and the number of each as Excel shows it."""

    headers: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    formulas: frozenset[int]


def read(content: bytes) -> Sheet:
    """The sheet's cells as they were typed. Raises ValidationError that says what is wrong with the file."""
    if len(content) > MAX_BYTES:
        raise ValidationError(_("The file is too large: at most %(megabytes)d MB."), params={"megabytes": 5})
    _inspect(content)
    try:
        return _cells(content)
    except BROKEN as error:
        raise ValidationError(NOT_A_SHEET) from error


def _inspect(content: bytes) -> None:
    """Refuse what unpacks to much more than it is, carries programs, or declares entities."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise ValidationError(_("The file unpacks to more than is accepted."))
            names = [part.filename.lower() for part in parts]
            if any(part.flag_bits & 1 for part in parts):
                raise ValidationError(_("The file is protected with a password."))
            if any(active in name for name in names for active in ACTIVE_PARTS):
                raise ValidationError(_("The file holds macros or embedded objects. Please save it as plain .xlsx."))
            if len(set(names)) < len(names) or "[content_types].xml" not in names:
                raise ValidationError(NOT_A_SHEET)
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _inspect_part(part.filename, archive.read(part))
    except BROKEN as error:
        raise ValidationError(NOT_A_SHEET) from error


def _inspect_part(name: str, content: bytes) -> None:
    if b"\x00" in content or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValidationError(NOT_A_SHEET)  # another encoding than UTF-8 is no way around
    if name == "[Content_Types].xml" and (MAIN_PART not in content or b"macroEnabled" in content):
        raise ValidationError(NOT_A_SHEET)


def _cells(content: bytes) -> Sheet:
    book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
    page: Any = book.worksheets[0]
    page.reset_dimensions()  # what the file says of its own size is no promise
    rows = page.iter_rows(max_col=MAX_COLUMNS)
    headers = [str(cell.value or "").strip() for cell in next(iter(rows), ())]
    while headers and not headers[-1]:
        headers.pop()
    found, numbers, formulas = [], [], set()
    for number, row in enumerate(rows, start=2):
        cells = row[: len(headers)]
        values = [cell.value for cell in cells] + [None] * (len(headers) - len(cells))
        is_blank = all(value is None or value == "" for value in values)
        if number > (LAST_BLANK_ROW if is_blank else MAX_ROWS + 1):
            raise ValidationError(_("The file has too many rows: at most %(rows)d."), params={"rows": MAX_ROWS})
        if is_blank:
            continue
        if any(getattr(cell, "data_type", "") == "f" for cell in cells):
            formulas.add(number)
        found.append(values)
        numbers.append(number)
    return Sheet(headers, found, numbers, frozenset(formulas))


def write(sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """A workbook of (title, headers, rows). Every text is written as text: none of them becomes a formula."""
    book = Workbook(write_only=True)
    for title, headers, rows in sheets:
        page = book.create_sheet(str(title)[:31])
        page.freeze_panes = "A2"
        for index, header in enumerate(headers, start=1):
            page.column_dimensions[get_column_letter(index)].width = max(12, min(40, len(header) + 4))
        page.append([_cell(page, header, bold=True) for header in headers])
        for row in rows:
            page.append([_cell(page, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Any, *, bold: bool = False) -> Any:
    """A number as a number; a text as a text that stays one, whatever it begins with."""
    if not isinstance(value, str):
        return WriteOnlyCell(page, value)
    cell = WriteOnlyCell(page, "")
    cell._value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT], "s"
    if value.startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    if "\n" in value:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
