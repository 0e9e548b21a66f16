"""The catalogue: treatments that all hospitals share, what each offers of them, and the packages made of them."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.common import money, texts
from apps.common.admin import BaseModelAdmin, ScopedStackedInline
from apps.hospitals import services
from apps.hospitals.models import (
    Hospital,
    Offer,
    Package,
    PackageSeason,
    Procedure,
    Specialty,
    Treatment,
    TreatmentCategory,
)

from .base import ChoicesMixin, TextsMixin, changes_of, is_translator, name_languages
from .exchange import ExchangeMixin
from .files import FilesForm, FilesMixin, thumbnail
from .resources import OfferResource, TreatmentResource


def shown_price(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return "–"
    return money.Money(amount, currency).format(get_language() or "en")


class PricesForm(FilesForm):
    """Prices are shown with the places that their currency has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _show_places(self.initial, self.initial.get("currency"))


def _show_places(initial: dict[str, Any], currency: str | None) -> None:
    if isinstance(initial.get("price"), Decimal) and currency:
        initial["price"] = money.quantize(initial["price"], currency)


class CatalogueAdmin(TextsMixin, ChoicesMixin, FilesMixin, BaseModelAdmin):
    """What is known by a code and a name, and is deactivated rather than removed."""

    form = PricesForm
    search_fields: Any = ("code__startswith", "name_en__istartswith")
    search_help_text = _("The beginning of a code, or words of a name in any language.")
    ordering: Any = ("code",)
    list_filter: Any = ("is_active",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None or "code" in fields else [*fields, "code"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            found = Q(code__startswith=word.lower())
            for language in texts.LANGUAGES:
                found |= Q(**{f"name_{language}__istartswith": word}) | Q(**{f"name_{language}__icontains": f" {word}"})
            queryset = queryset.filter(found)
        return queryset, False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Treatments, offers and packages are deactivated; what refers to them stays true."""
        return False

    @admin.display(description=_("picture"))
    def picture_shown(self, obj: Any) -> str:
        return thumbnail(obj.picture, str(obj))

    @admin.display(description=_("price"), ordering="price_in_euro")
    def price_shown(self, obj: Any) -> str:
        return shown_price(obj.price, obj.currency)


@admin.register(Treatment)
class TreatmentAdmin(ExchangeMixin, CatalogueAdmin):
    resource_class = TreatmentResource
    reference_models = (TreatmentCategory, Specialty, Procedure)
    texts = ("name", "description", "recovery")
    translators_read = ("code", "category", "specialty")
    translators_list = ("name", "category", "code")
    list_display = ("name", "category", "specialty", "offer_count", "is_active")
    list_filter = ("is_active", "category", "specialty")
    list_select_related = ("category", "specialty")
    fieldsets = (
        (None, {"fields": (("code", "is_active"), ("category", "specialty"), "procedures")}),
        (_("Usual days"), {"fields": (("hospital_days", "stay_days"),)}),
        (_("Picture"), {"fields": (("picture", "picture_shown"),)}),
    )
    readonly_fields = ("picture_shown", "offer_count")

    def save_row(self, request: HttpRequest, obj: Treatment, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        for name in ("category", "specialty"):
            if name in changes:
                changes[name] = changes[name].code
        if "procedures" in changes:
            changes["procedures"] = [procedure.code for procedure in changes["procedures"]]
        if change:
            services.update_treatment(obj, by=by, **changes)
            return
        created = services.create_treatment(by=by, **changes)
        obj.pk, obj._state.adding = created.pk, False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has set the procedures."""


@admin.register(Offer)
class OfferAdmin(ExchangeMixin, CatalogueAdmin):
    """A hospital's price for a treatment. Which hospital and which treatment is fixed once it is offered."""

    resource_class = OfferResource
    reference_models = (Hospital, Treatment)

    texts = ("inclusions", "exclusions")
    translators_read = ("hospital", "treatment")
    translators_list = ("treatment", "hospital")
    list_display = ("treatment", "hospital", "price_shown", "hospital_days", "stay_days", "is_active")
    list_filter = ("is_active", "hospital", "treatment__category")
    list_select_related = ("treatment", "hospital")
    search_fields = ("treatment__code__startswith", "treatment__name_en__istartswith")
    search_help_text = _("A treatment's code, or words of its name or its hospital's, in any language.")
    ordering = ("-pk",)
    sortable_by = ("price_shown",)
    fieldsets = (
        (None, {"fields": (("hospital", "treatment"), ("price", "currency"), "is_active")}),
        (_("What to expect"), {"fields": (("hospital_days", "stay_days", "success_rate"),)}),
    )
    readonly_fields = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = [name for name in super().get_readonly_fields(request, obj) if name != "code"]
        return fields if obj is None else list(dict.fromkeys(["hospital", "treatment", *fields]))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            found = Q(treatment__code__startswith=word.lower())
            for language in texts.LANGUAGES:
                for name in (f"treatment__name_{language}", f"hospital__name_{language}"):
                    found |= Q(**{f"{name}__istartswith": word}) | Q(**{f"{name}__icontains": f" {word}"})
            queryset = queryset.filter(found)
        return queryset, False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Staff of one hospital need not name it, nor its currency."""
        initial = super().get_changeform_initial_data(request)
        own = list(self.visible_related(Offer._meta.get_field("hospital").related_model, request)[:2])
        if len(own) == 1 and request.user.role == Role.HOSPITAL_ADMIN:
            initial = {"hospital": own[0].pk, "currency": own[0].currency, **initial}
        return initial

    def save_row(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if change:
            services.update_offer(obj, by=by, **changes)
            return
        # What the form began with is no change to it, and still what was chosen.
        given = form.cleaned_data
        named = {"hospital", "treatment", "price", "currency"}
        more = {name: value for name, value in changes.items() if name not in named}
        created = services.create_offer(
            given["hospital"], given["treatment"], by=by, price=given["price"], currency=given["currency"], **more
        )
        obj.pk, obj._state.adding = created.pk, False


class SeasonForm(ModelForm):
    """Prices in the package's currency, with its places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.package_id:
            _show_places(self.initial, self.instance.package.currency)


class SeasonInline(ScopedStackedInline):
    """Another price from and through some days. Saved as one list with the package."""

    model = PackageSeason
    form = SeasonForm
    fields = (("starts_on", "ends_on", "price"), ("name_en", "name_ar"), ("name_hi", "name_es", "name_fr"))
    ordering = ("starts_on",)
    verbose_name_plural = _("seasons with another price")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("package")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return name_languages(db_field, super().formfield_for_dbfield(db_field, request, **kwargs))


@admin.register(Package)
class PackageAdmin(CatalogueAdmin):
    texts = ("name", "city", "description", "inclusions", "exclusions")
    translators_read = ("code", "country")
    translators_list = ("name", "country_shown", "code")
    list_display = ("name", "country_shown", "days", "price_shown", "is_active")
    list_filter = ("is_active", "country")
    ordering = ("-pk",)
    sortable_by = ("price_shown",)
    fieldsets = (
        (None, {"fields": (("code", "is_active"), ("country", "days"), ("price", "currency"))}),
        (_("Made of"), {"fields": ("treatments", "hospitals")}),
        (_("Journey"), {"fields": (("includes_flights", "includes_stay", "includes_transfers"),)}),
        (_("Picture"), {"fields": (("picture", "picture_shown"),)}),
    )
    readonly_fields = ("picture_shown",)
    inlines: ClassVar = [SeasonInline]

    def save_model(self, request: HttpRequest, obj: Package, form: Any, change: bool) -> None:
        """Saved with its seasons: a new currency needs both at once."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        by: Any = request.user
        for formset in formsets:
            formset.save(commit=False)
        if is_translator(request):
            services.translate(form.instance, by=by, **changes_of(form, self.texts))
            return
        changes = changes_of(form, self.texts)
        for name in ("treatments", "hospitals"):
            if name in changes:
                changes[name] = [row.pk for row in changes[name]]
        if any(formset.has_changed() for formset in formsets):
            changes["seasons"] = [season for formset in formsets for season in _seasons(formset)]
        if change:
            services.update_package(form.instance, by=by, **changes)
            return
        created = services.create_package(by=by, **changes)
        form.instance.pk, form.instance._state.adding = created.pk, False


def _seasons(formset: Any) -> list[dict[str, Any]]:
    """All the rows of the formset that are to stay, as the service takes them."""
    seasons = []
    for form in formset.forms:
        given = form.cleaned_data
        if given and not given.get("DELETE"):
            names = {code: given.get(f"name_{code}") or "" for code in texts.LANGUAGES}
            seasons.append({"name": names, **{key: given[key] for key in ("starts_on", "ends_on", "price")}})
    return seasons
