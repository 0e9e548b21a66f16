"""The tabs of a patient's page: one for each kind of row that hangs on a patient, added by the app that keeps them.

    tabs.register_table(tabs.Table("lab-tests", _("Laboratory tests"), "labs", LabTest, columns=(...)), place=40)

A tab reads its rows when it is opened, through `visible_to`, the newest to a bound; the whole is one click away in the
model's own list. Rows of the record that a tab shows are logged as read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from apps.clinical.models import Patient, ReadEntry
from apps.common.admin.scope import visible_rows
from apps.common.exceptions import Text

from . import reading

ROWS = 25


@dataclass(frozen=True)
class Cell:
    """What one column shows; with a tone it is a label in colour, with an address a link."""

    text: Any
    tone: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows of one model that hang on a patient. `columns` are headings with what a row shows under them."""

    name: str
    title: Text
    icon: str
    model: type[Model]
    columns: tuple[tuple[Text, Callable[[Any], Any]], ...]
    ordering: tuple[str, ...]
    related: tuple[str, ...] = ()
    narrowed: Callable[[QuerySet], QuerySet] = lambda rows: rows
    #: Whether its rows are part of the record, so that showing them is reading.
    is_record: bool = True
    empty: Text = ""
    #: The parameter by which the model's own list is narrowed to a patient; "" where it cannot be.
    list_parameter: str = "patient__id__exact"

    def is_offered(self, request: HttpRequest) -> bool:
        """Its model's own pages are open to the role."""
        if not admin.site.is_registered(self.model):
            return False
        return admin.site.get_model_admin(self.model).has_view_or_change_permission(request)

    def address(self, request: HttpRequest, patient: Patient) -> str:
        return reverse("admin:clinical_patient_tab", args=(patient.pk, self.name))


@dataclass(frozen=True)
class Tab:
    """A line of the tabs: a table, or a page of its own."""

    name: str
    title: Text
    icon: str
    address: Callable[[HttpRequest, Patient], str]
    place: int
    is_offered: Callable[[HttpRequest], bool] = lambda request: True


@dataclass(frozen=True)
class Row:
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Action:
    """A button on a tab, for whoever holds the permission."""

    title: Text
    icon: str
    address: Callable[[HttpRequest, Patient], str]
    permission: str


_tabs: dict[str, Tab] = {}
_actions: dict[str, list[Action]] = {}
_tables: dict[str, Table] = {}


def register(name: str, title: Text, icon: str, address: Callable[[HttpRequest, Patient], str], *, place: int) -> None:
    """Add a page of its own. `place` orders the tabs."""
    _tabs[name] = Tab(name, title, icon, address, place)


def register_table(table: Table, *, place: int) -> None:
    _tables[table.name] = table
    _tabs[table.name] = Tab(table.name, table.title, table.icon, table.address, place, table.is_offered)


def register_action(
    tab: str, title: Text, icon: str, address: Callable[[HttpRequest, Patient], str], *, permission: str
) -> None:
    _actions.setdefault(tab, []).append(Action(title, icon, address, permission))


def actions(request: HttpRequest, patient: Patient, tab: str) -> list[dict[str, Any]]:
    """The buttons of a tab that this person is offered."""
    return [
        {"title": action.title, "icon": action.icon, "url": action.address(request, patient)}
        for action in _actions.get(tab, ())
        if request.user.has_perm(action.permission)
    ]


def patient_page(request: HttpRequest, patient: Patient) -> str:
    return reverse("admin:clinical_patient_change", args=(patient.pk,))


def of(request: HttpRequest, patient: Patient, active: str) -> list[dict[str, Any]]:
    """The tabs that this person is offered, in their order, for `clinical/admin/patient_tabs.html`."""
    offered = [tab for tab in _tabs.values() if tab.is_offered(request)]
    return [
        {
            "title": tab.title,
            "icon": tab.icon,
            "url": tab.address(request, patient),
            "is_active": tab.name == active,
        }
        for tab in sorted(offered, key=lambda tab: tab.place)
    ]


def names() -> list[str]:
    """Every table, by name."""
    return sorted(_tables)


def table(request: HttpRequest, name: str) -> Table | None:
    """The table of this name, if this person is offered it."""
    found = _tables.get(name)
    return found if found is not None and found.is_offered(request) else None


def rows_of(request: HttpRequest, patient: Patient, shown: Table) -> tuple[list[Row], bool]:
    """The newest rows, and whether there are more. Those of the record are in the log of readings when this returns."""
    user: Any = request.user
    rows = shown.narrowed(visible_rows(shown.model, user).filter(patient=patient.pk))
    if shown.is_record:
        rows = rows.with_ground(user)  # type: ignore[attr-defined]
    found = list(rows.select_related(*shown.related).order_by(*shown.ordering)[: ROWS + 1])
    if shown.is_record:
        reading.log(found[:ROWS], reader=user, act=ReadEntry.Act.LISTED)
    made = [Row(_page_of(row), tuple(_cell(show(row)) for _title, show in shown.columns)) for row in found[:ROWS]]
    return made, len(found) > ROWS


def _cell(shown: Any) -> Cell:
    return shown if isinstance(shown, Cell) else Cell("–" if shown in (None, "") else shown)


def _page_of(row: Model) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))
    except NoReverseMatch:
        return ""


def list_address(shown: Table, patient: Patient) -> str:
    """The model's own list, narrowed to the patient."""
    if not shown.list_parameter:
        return ""
    meta = shown.model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{shown.list_parameter}={patient.pk}"
