"""The page on which a laboratory writes a result: a row a value, ranges filled in from what is known of the test, and
the flags shown before anything is stored."""

import hashlib
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from apps.clinical import lab_reference, rules, services
from apps.clinical.models import LabResult, LabTest, LabValue
from apps.clinical.serializers.lab_tests import plain_number
from apps.common.admin.base import REFUSALS
from apps.common.exceptions import DomainError
from apps.media import services as media_services

Flag = LabValue.Flag
TONES = {
    Flag.NORMAL: "success", Flag.LOW: "warning", Flag.HIGH: "warning", Flag.ABNORMAL: "warning",
    Flag.CRITICAL_LOW: "danger", Flag.CRITICAL_HIGH: "danger",
}  # fmt: skip
#: Rows to write in beside those that are filled in.
BLANK_ROWS = 3
#: From this age on the ranges of adults hold.
ADULT_YEARS = 18
LIMITS = ("critical_low", "low", "high", "critical_high")
_LIKE_A_NUMBER = re.compile(r"^[\d\s.,'٫٬٠-٩+-]+$")


def shown(values: Iterable[LabValue]) -> list[dict[str, Any]]:
    """Values as a page shows them."""
    return [
        {
            "name": value.name,
            "value": plain_number(value.number) or value.text,
            "unit": value.unit,
            "range": _between(value.low, value.high),
            "critical": _outside(value.critical_low, value.critical_high),
            "label": value.get_flag_display() if value.flag else "",
            "tone": TONES.get(Flag(value.flag), ""),
        }
        for value in values
    ]


def _between(low: Decimal | None, high: Decimal | None) -> str:
    if low is None:
        return "" if high is None else f"≤ {plain_number(high)}"
    return f"≥ {plain_number(low)}" if high is None else f"{plain_number(low)} – {plain_number(high)}"


def _outside(low: Decimal | None, high: Decimal | None) -> str:
    parts = [f"{sign} {plain_number(limit)}" for sign, limit in (("<", low), (">", high)) if limit is not None]
    return ", ".join(parts)


def _text(label: Any, length: int, **attributes: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attributes)
    return forms.CharField(label=label, max_length=length, required=False, widget=widget)


def _limit(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=LabValue.MAX_DIGITS, decimal_places=LabValue.DECIMAL_PLACES,
        widget=UnfoldAdminTextInputWidget({"inputmode": "decimal", "dir": "ltr", "size": 6}),
    )  # fmt: skip


class ValueForm(forms.Form):
    """One value. A row without one is left out."""

    name = _text(gettext_lazy("What was measured"), 200)
    code = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    value = _text(gettext_lazy("Value"), 200, dir="ltr", size=8)
    unit = _text(gettext_lazy("Unit"), 40, dir="ltr", size=7)
    low = _limit(gettext_lazy("Normal from"))
    high = _limit(gettext_lazy("Normal to"))
    critical_low = _limit(gettext_lazy("Critical below"))
    critical_high = _limit(gettext_lazy("Critical above"))
    said = forms.ChoiceField(
        label=gettext_lazy("If there is no range"),
        required=False,
        choices=[
            ("", "–"),
            ("normal", pgettext_lazy("laboratory value", "Normal")),
            ("abnormal", pgettext_lazy("laboratory value", "Abnormal")),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    def clean_value(self) -> str:
        """A number with a point, or words: “1,234” could be either of two numbers."""
        text: str = self.cleaned_data["value"].strip()
        if text and _number(text) is None and _LIKE_A_NUMBER.match(text):
            raise forms.ValidationError(_("Write a number with digits 0–9 and a decimal point, such as 5.1."))
        return text

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("value") and not given.get("name"):
            self.add_error("name", _("This is missing."))
        return given

    @property
    def given(self) -> dict[str, Any] | None:
        """The value as services take it; None for a row without one."""
        text = self.cleaned_data.get("value", "")
        if not text:
            return None
        number = _number(text)
        plain = {name: self.cleaned_data.get(name) for name in ("name", "code", "unit", *LIMITS)}
        said = {"normal": False, "abnormal": True}.get(self.cleaned_data.get("said", ""))
        return {**plain, "number": number, "text": "" if number is not None else text, "is_abnormal": said}


ValueFormSet = forms.formset_factory(ValueForm, extra=0, max_num=rules.MAX_VALUES, absolute_max=rules.MAX_VALUES)


class ResultForm(forms.Form):
    """What is said of a result beside its values."""

    file = forms.FileField(
        label=gettext_lazy("Report"), required=False, widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("PDF, JPEG, PNG or DICOM, up to 100 MB."),
    )  # fmt: skip
    kept_file = forms.UUIDField(required=False, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=gettext_lazy("Comment"), required=False, max_length=4000, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )
    is_critical = forms.BooleanField(
        label=gettext_lazy("Critical, also where no range tells"), required=False, widget=UnfoldBooleanWidget
    )
    correction_reason = forms.CharField(
        label=gettext_lazy("Why it is corrected"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )
    corrects_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    #: The digest of what the flags were shown for.
    checked = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_correction: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_correction:
            del self.fields["correction_reason"], self.fields["corrects_version"]


class ResultPage:
    """One request of the page. It is stored only as it was shown with its flags."""

    def __init__(self, request: HttpRequest, test: LabTest, as_refusal: Callable[[Exception], DomainError]) -> None:
        self.request, self.test, self._as_refusal = request, test, as_refusal
        self.by: Any = request.user
        results = LabResult.objects.visible_to(self.by).current().filter(lab_test=test)
        self.current: LabResult | None = results.first()
        self.preview: list[LabValue] | None = None
        self.is_critical = self.is_stored = False
        posted = request.method == "POST"
        self.data: Any = None
        if posted:
            self.data = request.POST.copy()
        if posted and "_more" in self.data:
            self._add_rows()
        self.form = ResultForm(
            self.data, request.FILES if posted else None, initial=self._initial(), is_correction=self._corrects()
        )
        self.rows = ValueFormSet(self.data, initial=None if posted else self._initial_rows(), prefix="values")
        if posted and "_more" not in self.data:
            self._read()

    def context(self) -> dict[str, Any]:
        corrected = _("Correct the result of %(number)s") if self._corrects() else _("Result of %(number)s")
        return {
            "title": corrected % {"number": self.test.number},
            "form": self.form,
            "rows": self.rows,
            "columns": [field.label for name, field in ValueForm.base_fields.items() if name != "code"],
            "preview": None if self.preview is None else shown(self.preview),
            "is_critical": self.is_critical,
            "has_file": bool(self.form["kept_file"].value()),
            "is_correction": self._corrects(),
            "is_adult": self._is_adult(),
        }

    # --- what it begins with ---

    def _corrects(self) -> bool:
        return self.current is not None

    def _initial(self) -> dict[str, Any]:
        if self.current is None:
            return {}
        values = LabValue.objects.visible_to(self.by).filter(result=self.current)
        by_range = rules.is_critical(values.values_list("flag", flat=True), is_said=False)
        return {
            "comment": self.current.comment,
            "kept_file": self.current.file_id,
            "corrects_version": self.current.version,
            "is_critical": self.current.is_critical and not by_range,  # what was said of it stands until it is unsaid
        }

    def _initial_rows(self) -> list[dict[str, Any]]:
        rows = self._present() if self.current is not None else self._expected()
        return [*rows, *({} for _number in range(BLANK_ROWS))]

    def _present(self) -> list[dict[str, Any]]:
        values = LabValue.objects.visible_to(self.by).filter(result=self.current).order_by("position")
        said = {Flag.NORMAL: "normal", Flag.ABNORMAL: "abnormal"}
        return [
            {
                **{name: getattr(value, name) for name in ("name", "code", "unit")},
                **{name: plain_number(getattr(value, name)) for name in LIMITS},
                "value": plain_number(value.number) or value.text,
                "said": said.get(Flag(value.flag), "") if value.number is None else "",
            }
            for value in values
        ]

    def _expected(self) -> list[dict[str, Any]]:
        """What a test of this code measures, with the ranges of adults of the patient's sex."""
        language = translation.get_language() or "en"
        rows = []
        for known in lab_reference.measured_in(self.test.code):
            low, high = known.range_for(self.test.patient.gender) if self._is_adult() else lab_reference.NO_LIMITS
            critical_low, critical_high = known.critical if self._is_adult() else lab_reference.NO_LIMITS
            rows.append(
                {
                    "name": known.name(language), "code": known.code, "unit": known.unit, "low": low, "high": high,
                    "critical_low": critical_low, "critical_high": critical_high,
                }
            )  # fmt: skip
        return rows or [{"name": self.test.name, "code": self.test.code}]

    def _is_adult(self) -> bool:
        """Ranges of adults are offered unless the patient is known to be none."""
        age = self.test.patient.age_on(timezone.now().date())
        return age is None or age >= ADULT_YEARS

    # --- what comes in ---

    def _add_rows(self) -> None:
        total = self.data.get("values-TOTAL_FORMS", "0")
        count = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
        self.data["values-TOTAL_FORMS"] = str(min(count + BLANK_ROWS, rules.MAX_VALUES))
        self.data["checked"] = ""

    def _read(self) -> None:
        if not (self.form.is_valid() & self.rows.is_valid()):
            return
        try:
            self._keep_file()
            self._flag()
            if self.preview is not None and self._is_as_shown() and "_store" in self.data:
                self._store()
        except REFUSALS as error:
            refusal = self._as_refusal(error)
            self.preview = None
            self.form.add_error(None, [refusal.text, *(str(t) for texts in refusal.errors.values() for t in texts)])

    def _keep_file(self) -> None:
        """What was sent stays for the second step; a file that nothing uses is cleaned up after a day."""
        upload = self.form.cleaned_data["file"]
        if upload:
            file = media_services.store_medical_record(upload, by=self.by)
            self.form.cleaned_data["kept_file"] = file.pk
            self.data["kept_file"] = str(file.pk)

    def _flag(self) -> None:
        forms_with_values = [row for row in self.rows if row.given is not None]
        try:
            self.preview = services.flagged([row.given for row in forms_with_values])
        except DomainError as refusal:
            for name, texts in refusal.errors.items():
                _values, position, field = name.split(".")
                where = field if field in ValueForm.base_fields else "value"
                forms_with_values[int(position)].add_error(where, [str(text) for text in texts])
            return
        if not self.preview and not self.form.cleaned_data["kept_file"]:
            self.preview = None
            self.form.add_error(None, _("Give values, a file, or both."))
            return
        said = self.form.cleaned_data["is_critical"]
        self.is_critical = rules.is_critical([value.flag for value in self.preview], is_said=said)

    def _is_as_shown(self) -> bool:
        """Whether these values are those whose flags were shown; if not, they are shown now."""
        told = [repr([getattr(value, name) for name in ("name", "number", "text", "unit", *LIMITS, "flag")])
                for value in self.preview or ()]  # fmt: skip
        told += [str(self.form.cleaned_data["kept_file"]), str(self.is_critical)]
        digest = hashlib.sha256("\n".join(told).encode()).hexdigest()
        was = self.form.cleaned_data["checked"]
        self.data["checked"] = digest
        if "_store" in self.data and was != digest:
            messages.warning(self.request, _("Nothing is stored yet: please look at the flags first."))
        return bool(was == digest)

    def _store(self) -> None:
        given = self.form.cleaned_data
        services.report_result(
            self.test.pk,
            by=self.by,
            values=[row.given for row in self.rows if row.given is not None],
            file_id=given["kept_file"],
            comment=given["comment"],
            is_critical=given["is_critical"],
            corrects_version=given.get("corrects_version"),
            correction_reason=given.get("correction_reason", ""),
        )
        self.is_stored = True


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if text.isascii() else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
