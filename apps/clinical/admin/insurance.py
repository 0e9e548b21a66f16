"""Insurance policies: those that wait for an answer of the insurer, with the number that the insurer asks for."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import rules, services
from apps.clinical.models import InsurancePolicy, ReadEntry
from apps.common import encryption
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError
from apps.common.workflow import Edge, Workflow

from . import people

Verification = InsurancePolicy.Verification
_KEEPERS = frozenset({Role.ADMIN, Role.COORDINATOR})
DECISIONS = Workflow(
    Verification,
    {
        Verification.REQUESTED: [
            Edge(Verification.VERIFIED, _KEEPERS, _("The insurer confirms it")),
            Edge(Verification.REJECTED, _KEEPERS, _("The insurer does not confirm it")),
        ]
    },
)


@admin.register(InsurancePolicy)
class InsurancePolicyAdmin(people.ByPatient, TransitionAdmin):
    """Stated by patients. The whole number is shown to whoever verifies, while it waits, and that is logged."""

    workflow = DECISIONS
    status_field = "verification"
    events_relation = ""
    note_required_for = frozenset({Verification.VERIFIED, Verification.REJECTED})
    danger_statuses = frozenset({Verification.REJECTED})
    status_colours: ClassVar = {
        Verification.REQUESTED: "warning",
        Verification.VERIFIED: "success",
        Verification.REJECTED: "danger",
    }
    list_display = ("patient", "insurer", "masked_number", "valid_until", "requested_at", "status_badge")
    list_select_related = ("patient__user",)
    list_filter = ("verification",)
    extra_lookups = frozenset({"patient"})
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("patient", "insurer"), ("number_shown", "holder"), ("valid_from", "valid_until"))}),
        (
            _("Verification"),
            {"fields": (("requested_at", "decided_at", "decided_by"), "decision_note")},
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits is answered in the order in which it came."""
        waiting = request.GET.get("verification__exact") == Verification.REQUESTED
        return ("requested_at", "pk") if waiting else self.ordering

    @admin.display(description=_("policy number"))
    def masked_number(self, policy: InsurancePolicy) -> str:
        return encryption.masked(policy.number)

    @admin.display(description=_("policy number"))
    def number_shown(self, policy: InsurancePolicy) -> str:
        return policy.number if getattr(policy, "is_number_open", False) else encryption.masked(policy.number)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "number_shown"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        policy = kwargs.get("obj")
        if policy is not None:
            self._open_number(request, policy)
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | nothing_to_save, *args, **kwargs)

    def _open_number(self, request: HttpRequest, policy: Any) -> None:
        """Whoever is to ask the insurer needs the whole number; the patient finds that they saw it."""
        reader: Any = request.user
        if policy.verification != Verification.REQUESTED or not self.has_change_permission(request, policy):
            return
        policy.ground, policy.ground_id = ReadEntry.Ground.ADMINISTRATION, None
        services.log_readings([policy], reader=reader, act=ReadEntry.Act.OPENED, place="admin")
        policy.is_number_open = True

    # --- the decision ---

    def note_label(self, to_status: str) -> Any:
        return _("What the insurer said")

    def why_not(self, obj: InsurancePolicy, to_status: str, user: Any) -> DomainError | None:
        is_verified = to_status == Verification.VERIFIED
        return rules.why_not_decide_insurance(obj, verified=is_verified, note=".", by=user)

    def preview(self, obj: InsurancePolicy, to_status: str, user: Any) -> list[Any]:
        return [_("The patient is told that there is an answer.")]

    def perform(self, obj: InsurancePolicy, to_status: str, user: Any, note: str) -> None:
        services.decide_insurance(obj, verified=to_status == Verification.VERIFIED, note=note, by=user)
