"""People: found, invited, activated and deactivated; their devices seen and signed out."""

from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline
from apps.common.admin.forms import GuardedForm
from apps.common.admin.lists import looked_up_first
from apps.common.exceptions import DomainError, Invalid

from . import second_factor, services
from .admin_site import invitations
from .models import Session, User


class SessionInline(ReadOnlyTabularInline):
    """The person's signed-in devices in their apps, each with a button that signs it out."""

    model = Session
    fields = ("device", "address", "last_seen_at", "expires_at", "state")
    readonly_fields = ("state",)
    verbose_name_plural = _("devices")
    ordering = ("-last_seen_at",)
    per_page = 10

    @admin.display(description=_("state"))
    def state(self, session: Session) -> str:
        if session.ended_at is not None:
            return session.get_end_reason_display()
        if session.expires_at <= timezone.now():
            return str(_("Expired"))
        return format_html(
            '<button type="submit" class="mv-button" formaction="{}" formmethod="post" formnovalidate>{}</button>',
            reverse("admin:accounts_user_end_session", args=(session.user_id, session.pk)),
            _("Sign out"),
        )


class PersonForm(GuardedForm):
    """An e-mail address in any case is the same address."""

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


@admin.register(User)
class UserAdmin(BaseModelAdmin):
    """Everyone who can sign in. There is no password to be seen or set: people choose it by a link."""

    form = PersonForm
    list_display = ("full_name", "email", "role", "is_active", "is_verified", "last_login", "created_at")
    list_filter = ("role", "is_active")
    search_fields = ("email__startswith", "last_name__istartswith", "first_name__istartswith")
    search_help_text = _("The beginning of an e-mail address, or of a first or last name.")
    ordering = ("-id",)  # the ids are ordered by time, and their index is there anyway
    inlines: ClassVar = [SessionInline]
    actions = ("activate", "deactivate", "send_invitation", "sign_out", "remove_second_factor")
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), "email", "phone")}),
        (_("Access"), {"fields": (("role", "is_active"), ("last_login", "has_second_factor"))}),
        (_("Reads and lives"), {"fields": (("language", "time_zone"),)}),
        (_("Verified"), {"fields": (("email_verified_at", "phone_verified_at"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "description": _("An invitation with a link for choosing a password is sent to this address."),
                "fields": ("email", ("first_name", "last_name"), "phone", "role", ("language", "time_zone")),
            },
        ),
    )
    readonly_fields = ("last_login", "has_second_factor", "email_verified_at", "phone_verified_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj is None else ("email", *self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        [(title, options)] = self.add_fieldsets
        return ((title, {**options, "fields": (*options["fields"], *invitations.DETAILS)}),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = type("InvitationForm", (self.form,), invitations.fields(request))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [] if obj is None or not request.user.has_perm("accounts.view_session") else self.inlines

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=[(name, name) for name in sorted(available_timezones())])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each word begins one of the e-mail address or the name, as in the API; found by one index."""
        if not search_term.strip():
            return queryset, False
        found = User.objects.visible_to(request.user).search(search_term)
        return looked_up_first(queryset, found), False

    @admin.display(description=_("e-mail verified"), boolean=True)
    def is_verified(self, user: User) -> bool:
        return user.email_verified_at is not None

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return second_factor.is_enrolled(user)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        if change:
            services.update_user(obj.pk, changes=given, by=request.user)  # type: ignore[arg-type]
            return
        person = dict(form.cleaned_data)
        details = invitations.take_details(person)
        try:
            invited = services.invite_user(by=request.user, details=details, **person)  # type: ignore[arg-type]
        except Invalid as refusal:
            raise Invalid(errors=invitations.by_field(refusal.errors)) from refusal
        obj.pk, obj._state.adding = invited.pk, False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are deactivated; their history stays."""
        return False

    # --- actions ---

    def _for_each(self, request: HttpRequest, users: QuerySet, act: Any, done: Any) -> None:
        """Do it for each, telling each refusal once, and how many went well."""
        succeeded, refusals = 0, set()
        for user in users:
            try:
                act(user)
            except DomainError as refusal:
                refusals.add(refusal.text)
            else:
                succeeded += 1
        for text in refusals:
            messages.error(request, text)
        if succeeded:
            messages.success(request, done(succeeded) % {"count": succeeded})

    @admin.action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, users: QuerySet) -> None:
        self._for_each(
            request,
            users,
            lambda user: services.activate_user(user, by=request.user),  # type: ignore[arg-type]
            lambda count: ngettext("%(count)s person can sign in.", "%(count)s people can sign in.", count),
        )

    @admin.action(description=_("Deactivate and sign out everywhere"), permissions=["change"])
    def deactivate(self, request: HttpRequest, users: QuerySet) -> None:
        self._for_each(
            request,
            users,
            lambda user: services.deactivate_user(user, by=request.user),  # type: ignore[arg-type]
            lambda count: ngettext("%(count)s person is deactivated.", "%(count)s people are deactivated.", count),
        )

    @admin.action(description=_("Send the invitation again"), permissions=["change"])
    def send_invitation(self, request: HttpRequest, users: QuerySet) -> None:
        self._for_each(
            request,
            users,
            lambda user: services.send_invitation(user, by=request.user),  # type: ignore[arg-type]
            lambda count: ngettext(
                "%(count)s invitation is on its way.", "%(count)s invitations are on their way.", count
            ),
        )

    @admin.action(description=_("Sign out of all apps"), permissions=["change"])
    def sign_out(self, request: HttpRequest, users: QuerySet) -> None:
        now = timezone.now()
        self._for_each(
            request,
            users,
            lambda user: services.end_all_sessions(user, reason=Session.End.REVOKED, now=now),
            lambda count: ngettext("%(count)s person is signed out.", "%(count)s people are signed out.", count),
        )

    @admin.action(description=_("Remove the second factor (lost phone)"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: QuerySet) -> None:
        self._for_each(
            request,
            users,
            lambda user: second_factor.remove_lost(user, by=request.user),  # type: ignore[arg-type]
            lambda count: ngettext(
                "%(count)s second factor is removed.", "%(count)s second factors are removed.", count
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_session)
        name = "accounts_user_end_session"
        return [path("<uuid:user_id>/sessions/<uuid:session_id>/end/", view, name=name), *super().get_urls()]

    def end_session(self, request: HttpRequest, user_id: UUID, session_id: UUID) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        session = Session.objects.visible_to(request.user).filter(pk=session_id, user_id=user_id).first()
        if session is not None and services.sign_out(session):
            messages.success(request, _("The device is signed out."))
        return HttpResponseRedirect(self.page_of(user_id))
