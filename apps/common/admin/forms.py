"""Saves that lose nothing: a stale edit and a refused one stay on the page, with what their author typed."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from apps.common.exceptions import DomainError
from apps.common.models import BaseModel

#: The hidden field with the `updated_at` of the row as its editor saw it.
EDITED_FROM = "_edited_from"


class GuardedForm(forms.ModelForm):
    """Refuses to overwrite what the editor has not seen, and shows the refusal of the service that was to save."""

    request: HttpRequest
    #: Set by the page when saving raised: the same form again, with what its author typed.
    refusal: DomainError | None = None
    _now_from: str | None = None

    @property
    def edited_from(self) -> str:
        """What the hidden field holds: the version that the next save is based on."""
        if self._now_from is not None:
            return self._now_from
        if self.is_bound:
            return self.data.get(EDITED_FROM, "")
        updated_at = self.instance.__dict__.get("updated_at")
        return updated_at.isoformat() if isinstance(updated_at, datetime) and not self.instance._state.adding else ""

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            return
        if self.refusal is not None:
            self._show_refusal(self.refusal)
        elif not self.errors:
            self._refuse_stale()

    def _field_of(self, name: str) -> str:
        """The form's field of what a service names: “name.ar” is `name_ar`, “document_id” is `document`."""
        return next((own for own in (name, name.replace(".", "_"), name.removesuffix("_id")) if own in self.fields), "")

    def _show_refusal(self, refusal: DomainError) -> None:
        named = {name: texts for name, texts in refusal.errors.items() if self._field_of(name)}
        for name, texts in named.items():
            self.add_error(self._field_of(name), [str(text) for text in texts])
        others = [str(text) for name, texts in refusal.errors.items() if name not in named for text in texts]
        self.add_error(None, [refusal.text, *others])

    @cached_property
    def _present(self) -> Any:
        """The row as the database has it now, locked until this save ends, and before it the row that it is part of."""
        if isinstance(self.instance, BaseModel):
            self.instance.lock_whole()
        return type(self.instance)._base_manager.select_for_update(no_key=True).filter(pk=self.instance.pk).first()

    def _refuse_stale(self) -> None:
        based_on = self.data.get(EDITED_FROM, "")
        if not based_on or self.instance._state.adding or self._present is None:
            return
        if self._present.updated_at.isoformat() == based_on:
            return
        self._now_from = self._present.updated_at.isoformat()
        self.add_error(None, self._what_changed())

    def _what_changed(self) -> str:
        """For the editor: when it was changed, and which fields now hold something else than they typed."""
        at = formats.date_format(timezone.localtime(self._present.updated_at), "DATETIME_FORMAT")
        differing = [
            (field.label or name, self._shown(name, self._present.__dict__.get(self._column(name))))
            for name, field in self.fields.items()
            if name in self.cleaned_data and self._differs(name)
        ]
        message = format_html(
            "{}",
            _(
                "Someone else saved this on %(at)s while you were editing. Nothing of yours was saved. Your entries "
                "are still below; save again to replace theirs."
            )
            % {"at": at},
        )
        if not differing:
            return message
        rows = format_html_join("", "<li><strong>{}</strong>: {}</li>", differing)
        return format_html("{}<br>{}<ul>{}</ul>", message, _("Now stored, and different from what you entered:"), rows)

    def _column(self, name: str) -> str:
        return self.instance._meta.get_field(name).attname

    def _differs(self, name: str) -> bool:
        field = next((field for field in self.instance._meta.concrete_fields if field.name == name), None)
        return field is not None and getattr(self._present, field.attname) != getattr(self.instance, field.attname)

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            chosen = field.queryset.filter(pk=value).first() if field.queryset is not None else None
            return str(chosen) if chosen else "–"
        choices = dict(getattr(field, "choices", None) or {})
        return str(choices.get(value, value if value not in (None, "") else "–"))
