"""Offers and treatments as rows of a sheet: which columns they have, and how a row becomes one call of a service.

A preview is the import itself, undone: every row has gone through its service's rules and the database's constraints.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult
from import_export.widgets import Widget
from tablib import Dataset

from apps.common import texts
from apps.common.exceptions import DomainError
from apps.hospitals import services
from apps.hospitals.models import Hospital, Offer, Specialty, Treatment, TreatmentCategory

from .cells import CodesWidget, NumberWidget, TextWidget, UpperWidget, WholeWidget, YesNoWidget, plain
from .sheets import Sheet

# --- what became of a row ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell that changes: its column, and what stands there before and after."""

    column: str
    before: str
    after: str


@dataclass
class Line:
    """A row of the sheet as the preview shows it."""

    number: int
    name: str = ""
    kind: str = "same"
    cells: list[Cell] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)


class SheetResource(resources.Resource):
    """Rows of one model. A subclass names its columns, finds the row's object, and calls the services."""

    #: (column, attribute, widget) that may be written, beside the texts.
    columns: tuple[tuple[str, str, type[Widget]], ...] = ()
    #: Columns that are only read, for whoever looks at the sheet.
    told: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    #: Columns by which a row finds its object.
    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    class Meta:
        skip_diff = True
        report_skipped = True
        import_id_fields = ()  # `find` says which object a row is
        instance_loader_class = BaseInstanceLoader

    def __init__(self, user: Any) -> None:
        super().__init__()
        self.user = user
        self.lines: list[Line] = []
        self.sheet: Sheet
        written: list[Any] = [*self.columns, *((name, name, TextWidget) for name in self.text_columns)]
        self.fields = {name: Field(attribute, name, widget()) for name, attribute, widget in written}

    @property
    def text_columns(self) -> list[str]:
        return [f"{name}_{language}" for name in self.texts for language in texts.LANGUAGES]

    @property
    def headers(self) -> list[str]:
        return [*self.keys, *self.told, *(name for name in self.fields if name not in self.keys)]

    # --- what a subclass says ---

    def rows(self, pks: Any = None) -> Any:
        """The objects in the person's scope, or those of them with these ids."""
        raise NotImplementedError

    @property
    def name_columns(self) -> list[str]:
        """What a reference row's name needs in the reader's language."""
        return [f"name_{language}" for language in texts.LANGUAGES]

    def key_cells(self, instance: Any) -> list[Any]:
        raise NotImplementedError

    def told_cells(self, instance: Any) -> list[Any]:
        return []

    def find(self, row: dict[str, Any]) -> tuple[Any, bool]:
        """The row's object, and whether it is a new one. Raises ValidationError naming the column."""
        raise NotImplementedError

    def create(self, instance: Any, given: dict[str, Any]) -> None:
        raise NotImplementedError

    def update(self, instance: Any, changes: dict[str, Any]) -> None:
        raise NotImplementedError

    def refuse(self, line: Line, error: ValidationError | DomainError) -> None:
        """The row is an error, each text with its column."""
        if isinstance(error, DomainError):
            named = {name: [str(text) for text in found] for name, found in error.errors.items()}
            named = named or {NON_FIELD_ERRORS: [error.text]}
        else:
            named = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        line.kind = "error"
        line.errors = [
            ("" if name == NON_FIELD_ERRORS else name.replace(".", "_"), text)
            for name, found in named.items()
            for text in found
        ]

    def load(self) -> None:
        """Read once what all rows refer to."""
        raise NotImplementedError

    # --- out ---

    def written(self, rows: Any) -> Any:
        """The sheet's rows of these objects."""
        others = [self.fields[name] for name in self.fields if name not in self.keys]
        for instance in rows:
            cells = [field.export(instance) for field in others]
            yield [*self.key_cells(instance), *self.told_cells(instance), *cells]

    # --- in ---

    def run(self, sheet: Sheet, *, dry_run: bool) -> list[Line]:
        """Take every row to its service, all in one transaction; one that fails undoes all, and so does a dry run."""
        self.sheet, self.lines = sheet, []
        unknown = [name for name in sheet.headers if name not in self.headers]
        missing = [name for name in self.keys if name not in sheet.headers and name in self.required]
        if unknown:
            raise ValidationError(_("There is no column “%(name)s” here."), params={"name": unknown[0][:40]})
        if missing:
            raise ValidationError(_("The column “%(name)s” is needed."), params={"name": missing[0]})
        if len(set(sheet.headers)) < len(sheet.headers):
            raise ValidationError(_("A column stands there twice."))
        self.load()
        with transaction.atomic():
            result = self.import_data(Dataset(*sheet.rows, headers=sheet.headers), use_transactions=False)
            for error in [*result.base_errors, *(error for row in result.rows for error in row.errors)]:
                raise error.error
            self.finish()
            if dry_run or any(line.kind == "error" for line in self.lines):
                transaction.set_rollback(True)
        return self.lines

    def finish(self) -> None:
        """Save what was put aside to be saved together."""

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, Any]) -> tuple[Any, bool]:
        return self.find(row)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        number = self.sheet.numbers[kwargs["row_number"] - 1]
        self.lines.append(Line(number))
        if number in self.sheet.formulas:
            raise ValidationError(_("A cell holds a formula. Please paste its value."))

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """What the row says otherwise than the object."""
        line, errors = self.lines[-1], {}
        line.name = self.name_of(instance)
        self.changes: dict[str, Any] = {}
        for name, one in self.fields.items():
            if name in self.keys or name not in row:
                continue
            try:
                value = one.clean(row)
            except ValueError as error:
                errors[name] = str(error)
                continue
            if value in (None, "") and name in self.required:
                errors[name] = _("This is missing.")
                continue
            if value is None and isinstance(one.widget, YesNoWidget):
                continue
            before = one.get_value(instance)
            if not self._is_same(before, value):
                self.changes[name] = value
                line.cells.append(Cell(name, self._shown(one, before), self._shown(one, value)))
        if errors:
            raise ValidationError(errors)

    def _is_same(self, before: Any, after: Any) -> bool:
        before = plain(before) if isinstance(before, str) else before
        return before == after or (before in (None, "") and after in (None, ""))

    def _shown(self, one: Field, value: Any) -> str:
        rendered = one.widget.render(value) if value is not None else ""
        return f"{rendered.normalize():f}" if isinstance(rendered, Decimal) else str(rendered)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return not self.changes and not instance._state.adding and not import_validation_errors

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The services say what may be; here only what could not be read at all."""
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        line = self.lines[-1]
        line.kind = "new" if is_create else "changed"
        changes = self._by_language(self.changes)
        try:
            (self.create if is_create else self.update)(instance, changes)
        except DomainError as refusal:
            self.refuse(line, refusal)

    def _by_language(self, changes: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in changes.items():
            base, _underscore, language = name.rpartition("_")
            if base in self.texts and language in texts.LANGUAGES:
                found.setdefault(base, {})[language] = value
            else:
                found[name] = value
        return found

    def save_m2m(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The services have written everything."""

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        result = super().import_row(row, instance_loader, **kwargs)
        if result.validation_error is not None:
            self.refuse(self.lines[-1], result.validation_error)
        return result

    def name_of(self, instance: Any) -> str:
        return str(instance)


DAYS = (("hospital_days", "hospital_days", WholeWidget), ("stay_days", "stay_days", WholeWidget))


class OfferResource(SheetResource):
    keys = ("hospital_id", "treatment")
    told = ("hospital", "treatment_name")
    columns = (
        ("hospital_id", "hospital_id", TextWidget),
        ("treatment", "treatment__code", TextWidget),
        ("price", "price", NumberWidget),
        ("currency", "currency", UpperWidget),
        *DAYS,
        ("success_rate", "success_rate", NumberWidget),
        ("is_active", "is_active", YesNoWidget),
    )
    texts = ("inclusions", "exclusions")
    required = ("treatment", "price")

    def rows(self, pks: Any = None) -> Any:
        rows = Offer.objects.visible_to(self.user).select_related("hospital", "treatment")
        rows = rows.defer("hospital__search", "treatment__search").order_by("hospital", "pk")
        return rows if pks is None else rows.filter(pk__in=pks)

    def key_cells(self, instance: Offer) -> list[Any]:
        return [str(instance.hospital_id), instance.treatment.code]

    def told_cells(self, instance: Offer) -> list[Any]:
        return [instance.hospital.name, instance.treatment.name]

    def load(self) -> None:
        self.hospitals = {
            str(hospital.pk): hospital for hospital in Hospital.objects.visible_to(self.user).defer("search")
        }
        self.treatments = {row.code: row for row in Treatment.objects.visible_to(self.user).defer("search")}
        self.offers = {(str(row.hospital_id), row.treatment.code): row for row in self.rows()}
        self.seen: set[tuple[str, str]] = set()
        self.wanted: list[tuple[Line, services.WantedOffer]] = []

    def find(self, row: dict[str, Any]) -> tuple[Offer, bool]:
        named = str(row.get("hospital_id") or "").strip().lower()
        if not named and len(self.hospitals) == 1:
            named = next(iter(self.hospitals))
        hospital = self.hospitals.get(named)
        if hospital is None:
            raise ValidationError({"hospital_id": _("There is no such hospital among yours.")})
        code = str(row.get("treatment") or "").strip()
        key = (named, code)
        if key in self.seen:
            raise ValidationError({"treatment": _("This treatment stands in the sheet twice.")})
        self.seen.add(key)
        if key in self.offers:
            return self.offers[key], False
        treatment = self.treatments.get(code)
        if treatment is None:
            message = _("There is no treatment “%(code)s” in the catalogue.") % {"code": code[:60]}
            raise ValidationError({"treatment": message})
        return Offer(hospital=hospital, treatment=treatment, currency=hospital.currency), True

    def create(self, instance: Offer, given: dict[str, Any]) -> None:
        if "price" not in given:
            raise ValidationError({"price": _("This is missing.")})
        self._put_aside(instance, given)

    def update(self, instance: Offer, changes: dict[str, Any]) -> None:
        self._put_aside(instance, changes)

    def _put_aside(self, instance: Offer, changes: dict[str, Any]) -> None:
        self.wanted.append((self.lines[-1], services.WantedOffer(instance.hospital, instance.treatment, changes)))

    def finish(self) -> None:
        """One by one they would take three times as long."""
        refusals = services.save_offers([offer for _line, offer in self.wanted], by=self.user)
        for (line, _offer), refusal in zip(self.wanted, refusals, strict=True):
            if refusal is not None:
                self.refuse(line, refusal)

    def name_of(self, instance: Offer) -> str:
        return f"{instance.treatment.name} · {instance.hospital.name}"


class TreatmentResource(SheetResource):
    keys = ("code",)
    columns = (
        ("code", "code", TextWidget),
        ("category", "category__code", TextWidget),
        ("specialty", "specialty__code", TextWidget),
        ("procedures", "procedure_codes", CodesWidget),
        *DAYS,
        ("is_active", "is_active", YesNoWidget),
    )
    texts = ("name", "description", "recovery")
    required = ("code", "category", "specialty", "name_en")

    def rows(self, pks: Any = None) -> Any:
        rows = Treatment.objects.visible_to(self.user).defer("search").select_related("category", "specialty")
        rows = rows.prefetch_related("procedures").order_by("code")
        return _WithCodes(rows if pks is None else rows.filter(pk__in=pks))

    def key_cells(self, instance: Treatment) -> list[Any]:
        return [instance.code]

    def load(self) -> None:
        self.treatments = {row.code: row for row in self.rows()}
        self.seen: set[str] = set()

    def find(self, row: dict[str, Any]) -> tuple[Treatment, bool]:
        code = str(row.get("code") or "").strip()
        if not code:
            raise ValidationError({"code": _("This is missing.")})
        if code in self.seen:
            raise ValidationError({"code": _("This treatment stands in the sheet twice.")})
        self.seen.add(code)
        if code in self.treatments:
            return self.treatments[code], False
        treatment = Treatment(code=code, category=TreatmentCategory(code=""), specialty=Specialty(code=""))
        treatment.procedure_codes = []
        return treatment, True

    def create(self, instance: Treatment, given: dict[str, Any]) -> None:
        missing = [name for name in ("category", "specialty") if not given.get(name)]
        missing += ["name_en"] if not given.get("name", {}).get("en") else []
        if missing:
            raise ValidationError({name: _("This is missing.") for name in missing})
        services.create_treatment(by=self.user, code=instance.code, **given)

    def update(self, instance: Treatment, changes: dict[str, Any]) -> None:
        services.update_treatment(instance, by=self.user, **changes)

    def name_of(self, instance: Treatment) -> str:
        return instance.name or instance.code


class _WithCodes:
    """Treatments with the codes of their procedures as one value."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def __iter__(self) -> Any:
        for row in self.rows:
            row.procedure_codes = sorted(procedure.code for procedure in row.procedures.all())
            yield row
