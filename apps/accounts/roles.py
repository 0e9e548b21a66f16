"""Who may do what, once, as prose: each role's sentence and the kinds of object it sees, adds, changes and removes.

Rows are narrowed further by each model's `visible_to`, acts by each app's `rules`. What is not said here is denied.
Kinds are `app.model` in lower case; `app.*` is every model of an app.
"""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMIN = "admin", _("Platform admin")
    COORDINATOR = "coordinator", _("Coordinator")
    SUPPORT = "support", _("Support agent")
    HOSPITAL_ADMIN = "hospital_admin", _("Hospital staff")
    DOCTOR = "doctor", _("Doctor")
    PATIENT = "patient", _("Patient")
    TRANSLATOR = "translator", _("Translator")


#: Roles that work in the admin; the others work in their apps over the API.
STAFF_ROLES = frozenset({Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.HOSPITAL_ADMIN, Role.TRANSLATOR})
#: Roles that a person can register for; the rest are invited by an admin.
SELF_REGISTERED_ROLES = frozenset({Role.PATIENT, Role.DOCTOR})


@dataclass(frozen=True)
class Charter:
    """A role in a sentence, and the kinds of object it sees, adds, changes and removes in the admin."""

    sentence: str
    sees: frozenset[str] = field(default_factory=frozenset)
    adds: frozenset[str] = field(default_factory=frozenset)
    changes: frozenset[str] = field(default_factory=frozenset)
    removes: frozenset[str] = field(default_factory=frozenset)

    def allows(self, act: str, kind: str) -> bool:
        kinds = {"view": self.sees | self.changes, "add": self.adds, "change": self.changes, "delete": self.removes}
        allowed = kinds.get(act, frozenset())
        return kind in allowed or f"{kind.split('.', maxsplit=1)[0]}.*" in allowed


CHARTERS: dict[str, Charter] = {
    Role.ADMIN: Charter(
        "A platform admin sees and keeps everything, invites staff, verifies hospitals and doctors, reads the trail.",
        sees=frozenset({"common.*", "media.*", "accounts.*", "notifications.*", "hospitals.*", "clinical.*",
                        "billing.*", "bookings.*", "interop.*", "django_celery_beat.*"}),
        adds=frozenset({"billing.subscription", "billing.subscriptionplan",
                        "billing.cancellationpolicy", "billing.cancellationtier", "billing.invoiceissuer",
                        "billing.commissionrate", "billing.settlementrun",
                        "media.storedfile", "accounts.user", "hospitals.*", "clinical.patient", "clinical.laboratory",
                        "clinical.consenttext", "clinical.insuranceprovider", "billing.payment", "billing.coupon",
                        "bookings.*",
                        "interop.dataexport", "interop.legalhold", "django_celery_beat.*"}),
        changes=frozenset({"billing.subscription", "billing.subscriptionplan",
                           "billing.cancellationpolicy", "billing.cancellationpolicyversion",
                           "billing.cancellationtier", "billing.moneytask", "billing.refund",
                           "billing.settlement", "billing.invoiceissuer",
                           "media.storedfile", "accounts.user", "hospitals.*", "clinical.patient",
                           "clinical.laboratory", "clinical.consenttext", "clinical.emergencyaccess",
                           "clinical.insurancepolicy", "clinical.insuranceprovider", "clinical.labtest",
                           "clinical.prescription", "clinical.medicalrecord", "billing.payment", "billing.bill",
                           "billing.coupon", "bookings.*",
                           "django_celery_beat.*", "interop.closure", "interop.legalhold", "notifications.message"}),
        removes=frozenset({"billing.cancellationtier", "billing.coupon",
                           "media.storedfile", "hospitals.*", "clinical.insuranceprovider", "bookings.weeklyhours",
                           "bookings.timeoff", "bookings.extrahours", "bookings.closure", "bookings.publicholiday",
                           "django_celery_beat.*"}),
    ),
    Role.COORDINATOR: Charter(
        "A coordinator moves appointments forward for patients of every hospital, and reads of their records what they "
        "have consented to.",
        sees=frozenset({"billing.bill", "billing.billline", "billing.billevent", "billing.instalment", "billing.coupon",
                        "billing.cancellationpolicy", "billing.cancellationpolicyversion",
                        "billing.cancellationtier", "billing.dispute", "billing.moneytask", "billing.refund",
                        "billing.settlement", "billing.settlementline", "billing.settlementrun",
                        "billing.settlementrunitem", "billing.commissionrate",
                        "accounts.user", "hospitals.*", "clinical.patient", "clinical.medicalrecord",
                        "clinical.prescription", "clinical.laboratory", "clinical.labtest", "clinical.consentgrant",
                        "clinical.insurancepolicy", "clinical.insuranceprovider", "clinical.insuranceverification",
                        "billing.invoice", "billing.invoicesending", "billing.invoiceseries",
                        "billing.invoicingnews", "billing.payment", "billing.webhookevent",
                        "billing.ledgerentry", "bookings.*",
                        "notifications.message"}),
        adds=frozenset({"clinical.patient", "clinical.medicalrecord", "billing.payment", "bookings.appointment"}),
        changes=frozenset({"billing.bill", "billing.moneytask", "billing.refund",
                           "clinical.patient", "clinical.insurancepolicy", "billing.payment", "bookings.appointment",
                           "bookings.booking", "bookings.displacement"}),
    ),
    Role.SUPPORT: Charter(
        "A support agent looks up people and appointments to answer questions, and verifies what patients say.",
        sees=frozenset({"accounts.user", "hospitals.*", "bookings.appointment", "bookings.review",
                        "notifications.message"}),
        changes=frozenset({"bookings.review"}),
    ),
    Role.HOSPITAL_ADMIN: Charter(
        "Hospital staff keep their own hospital's page, offers, doctors, hours, appointments and laboratories, read of "
        "their patients' records what these have consented to, and see no other hospital's.",
        sees=frozenset({"billing.subscriptionperiod", "billing.subscriptionevent",
                        "billing.settlement", "billing.settlementline", "billing.commissionrate", "billing.invoice",
                        "hospitals.specialty", "hospitals.procedure", "hospitals.treatmentcategory",
                        "hospitals.treatment", "hospitals.accreditationbody", "hospitals.hospital", "hospitals.offer",
                        "hospitals.doctor", "hospitals.qualification", "hospitals.affiliation",
                        "hospitals.accreditation", "hospitals.hospitalimage", "hospitals.hospitaldocument",
                        "clinical.patient", "clinical.medicalrecord", "clinical.prescription", "clinical.laboratory",
                        "clinical.labtest", "clinical.consentgrant", "bookings.*", "media.storedfile"}),
        adds=frozenset({"clinical.laboratory", "hospitals.affiliation", "hospitals.offer", "hospitals.accreditation",
                        "hospitals.hospitalimage", "hospitals.hospitaldocument", "hospitals.bankaccount",
                        "bookings.doctorschedule", "bookings.weeklyhours", "bookings.extrahours", "bookings.closure",
                        "bookings.timeoff", "media.storedfile"}),
        changes=frozenset({"billing.subscription",
                           "clinical.laboratory", "clinical.labtest", "clinical.prescription", "hospitals.hospital",
                           "hospitals.affiliation", "hospitals.offer", "hospitals.accreditation",
                           "hospitals.hospitalimage", "hospitals.bankaccount", "bookings.appointment",
                           "bookings.doctorschedule", "bookings.weeklyhours", "bookings.extrahours",
                           "bookings.closure", "bookings.timeoff", "bookings.displacement", "bookings.review"}),
        removes=frozenset({"hospitals.accreditation", "hospitals.hospitalimage", "hospitals.hospitaldocument",
                           "hospitals.bankaccount", "bookings.weeklyhours", "bookings.extrahours", "bookings.closure",
                           "bookings.timeoff", "media.storedfile"}),
    ),
    Role.TRANSLATOR: Charter(
        "A translator sees the public texts and corrects them in five languages, and nothing else.",
        changes=frozenset({"billing.subscriptionplan",
                           "hospitals.specialty", "hospitals.procedure", "hospitals.treatmentcategory",
                           "hospitals.treatment", "hospitals.offer", "hospitals.package", "hospitals.packageseason",
                           "hospitals.hospital", "hospitals.hospitalimage", "hospitals.doctor",
                           "hospitals.qualification", "hospitals.affiliation", "clinical.laboratory",
                           "clinical.insuranceprovider"}),
    ),
    Role.DOCTOR: Charter("A doctor works in the app: own profile, own hours, own appointments."),
    Role.PATIENT: Charter("A patient works in the app: own profile, own appointments."),
}  # fmt: skip


def allows(role: str, permission: str) -> bool:
    """Whether a role holds a Django permission such as `hospitals.change_doctor`. Unknown ones are denied."""
    app, _dot, codename = permission.partition(".")
    act, _underscore, model = codename.partition("_")
    return role in CHARTERS and CHARTERS[role].allows(act, f"{app}.{model}")


def allows_app(role: str, app: str) -> bool:
    charter = CHARTERS.get(role)
    if charter is None:
        return False
    return any(kind.split(".")[0] == app for kind in charter.sees | charter.changes | charter.adds)
