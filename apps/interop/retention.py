"""What becomes of each kind of row when a patient asks to be forgotten, and whether it is in the copy of their data.

Every model with a path to a patient, or to a person's account, stands here; `tests/interop/test_retention.py` walks the
models and fails for one that does not. The order is that of erasing: what refers to other rows goes before them.

The periods are defaults for counsel to confirm, country by country: see docs/data-retention.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as BrowserSession
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Cast, Concat, Now
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import Authenticator, OneTimeSecret, Session, User
from apps.billing import models as billing
from apps.bookings import models as bookings
from apps.clinical import models as clinical
from apps.common import audit
from apps.common.exceptions import Text
from apps.common.models import AuditEntry, IdempotencyKey
from apps.hospitals import models as hospitals
from apps.media.models import StoredFile, UploadSession
from apps.notifications.models import CaughtEmail, Message, Preference

from .models import Closure, DataExport, LegalHold, SealedIdentity


@dataclass(frozen=True)
class Basis:
    """Why rows stay, and for how many years from when; None: as long as there is anything to show by them."""

    name: str
    label: Text
    law: str
    years: int | None


MEDICAL = Basis(
    "medical",
    _("Medical record: 10 years after the last treatment"),
    "GDPR art. 17(3)(c) with art. 9(2)(h): the treating side's duty to keep its documentation",
    10,
)
TAX = Basis(
    "tax",
    _("Accounts: 10 years after the year of the last payment"),
    "GDPR art. 17(3)(b): the duty to keep books",
    10,
)
BOOKS = Basis(
    "books",
    _("Books: the amounts stay, and name nobody any more"),
    "GDPR art. 17(3)(b) with art. 11: books add up only as a whole, and nothing is left that says whose they were",
    None,
)
PROOF = Basis(
    "proof",
    _("Proof of consent and of what was done: 3 years longer than the record"),
    "GDPR art. 17(3)(e) with art. 5(2) and 7(1): to establish, exercise or defend claims",
    3,
)
EVIDENCE = Basis(
    "evidence",
    _("Sealed log: stays, and names nobody any more"),
    "GDPR art. 17(3)(e) with art. 11: the log holds ids only, and nothing is left that they belong to",
    None,
)


@dataclass(frozen=True)
class Kept:
    """Rows with a path to a person, and what becomes of them.

    `patient` or `user` is the path from the row to the patient, or to the account. With `scrub` the rows stay and these
    columns are emptied, otherwise the rows go: at once, or once `until` is over (it is over from the beginning for
    somebody who was never treated, never paid). `guards` are the triggers that refuse everyone else. `files` are paths
    to files that go with the rows. `special`: the erasure has a way of its own with it.

    `columns` are what the copy holds, None everything; `only` narrows its rows; `left_out` says why it holds none.
    """

    model: type[models.Model]
    patient: str = ""
    user: str = ""
    scrub: Mapping[str, Any] = field(default_factory=dict)
    until: Basis | None = None
    guards: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    special: str = ""
    columns: tuple[str, ...] | None = None
    only: Q = field(default_factory=Q)
    left_out: str = ""

    @property
    def label(self) -> str:
        return self.model._meta.label

    def rows(self, patient: Any) -> models.QuerySet:
        """Plain: the scopes of roles have no say in what must be erased."""
        path, one = (self.patient, patient.pk) if self.patient else (self.user, patient.user_id)
        return models.QuerySet(self.model).filter(**{path: one}).order_by()


@dataclass(frozen=True)
class NotAPatients:
    """Rows whose path leads to an account, or past one, that is never a patient's; or only to whose hand wrote them."""

    model: type[models.Model]
    reason: str


#: The amounts stay; what leads to the person at a bank or gateway, and what was paid for, goes.
_PAYMENT_GONE: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            "reference",
            "checkout_url",
            "checkout_reference",
            "gateway_reference",
            "return_url",
            "failure_code",
            "subject_label",
        ),
        "",
    ),
    "proof": None,
    "look_up_at": None,
}
_FREE_TEXT_GONE: Mapping[str, Any] = {"note": ""}
_ACCOUNT_GONE: Mapping[str, Any] = {
    "email": Concat(
        Value("erased-"), Cast("pk", models.TextField()), Value("@erased.invalid"), output_field=models.TextField()
    ),
    "first_name": "",
    "last_name": "",
    "phone": "",
    "password": "!",
    "picture": None,
    "time_zone": "UTC",
    "is_active": False,
    "email_verified_at": None,
    "phone_verified_at": None,
    "last_login": None,
}
_REVIEW_GONE: Mapping[str, Any] = {
    "text": "",
    "reply": "",
    "replied_by": None,
    "replied_at": None,
    "rejection_reason": Case(When(status="rejected", then=Value(audit.MASK)), default=Value("")),
}
#: What was sold to whom; the amounts stay.
_INVOICE_GONE = Func(
    F("document"),
    Value(
        {"recipient": {"name": "", "lines": [], "country": ""}, "lines": [], "subject": {"number": "", "label": ""}},
        models.JSONField(),
    ),
    template="(%(expressions)s)",
    arg_joiner=" || ",
    output_field=models.JSONField(),
)
_OUTCOME_GONE: Mapping[str, Any] = {
    "outcome": Case(When(done_at__isnull=False, then=Value(audit.MASK)), default=Value("")),
}
_TECHNICAL = "how requests are repeated safely; kept for a day"
_DIGEST = "a secret that proves who one is, kept as a digest"
_STAFF = "only people who work in the admin have any"

TABLE: tuple[Kept, ...] = (
    # --- what others were told, while it is known whose it is ---
    Kept(Message, user="recipient", special="messages",
         columns=("kind", "channel", "status", "created_at", "sent_at", "read_at")),
    Kept(CaughtEmail, special="caught_emails", left_out="the demo's mailbox; its messages are in the list of messages"),
    Kept(Preference, user="user", columns=("kind", "channel", "is_wanted")),
    # --- signing in ---
    Kept(OneTimeSecret, user="user", left_out=_DIGEST),
    Kept(StaticToken, user="device__user", left_out=_DIGEST),
    Kept(StaticDevice, user="user", left_out=_DIGEST),
    Kept(Authenticator, user="user", left_out=_DIGEST),
    Kept(TOTPDevice, user="user", left_out=_DIGEST),
    Kept(Session, user="user",
         columns=("device", "user_agent", "address", "created_at", "last_seen_at", "expires_at", "ended_at")),
    Kept(IdempotencyKey, user="user", left_out=_TECHNICAL),
    # --- who the patient is ---
    Kept(DataExport, patient="patient", special="exports",
         columns=("status", "created_at", "ready_at", "expires_at")),
    Kept(clinical.IdentityDocument, patient="patient", columns=("kind", "number", "country", "expires_on")),
    Kept(clinical.InsuranceVerification, patient="policy__patient", guards=("decided_is_final", "kept"),
         columns=("policy", "status", "asked_at", "valid", "coverage_amount", "deductible", "currency",
                  "co_pay_percent", "valid_until", "reference", "decided_at", "note")),
    Kept(clinical.InsurancePolicy, patient="patient",
         columns=("insurer", "number", "holder", "valid_from", "valid_until", "verification", "requested_at",
                  "decided_at", "decision_note")),
    # --- treatment ---
    Kept(bookings.Review, patient="patient", scrub=_REVIEW_GONE,
         columns=("rating", "text", "language", "status", "published_at", "reply", "replied_at", "doctor", "hospital")),
    Kept(clinical.PrescriptionEvent, patient="prescription__patient", until=MEDICAL, guards=("append_only",),
         only=Q(prescription__signed_at__isnull=False)),
    Kept(clinical.PrescribedMedication, patient="prescription__patient", until=MEDICAL, guards=("signed_is_final",),
         only=Q(prescription__signed_at__isnull=False)),
    Kept(clinical.Prescription, patient="patient", until=MEDICAL, guards=("kept", "signed_is_final"),
         only=Q(signed_at__isnull=False)),
    Kept(clinical.LabValue, patient="result__lab_test__patient", until=MEDICAL, guards=("append_only",),
         only=Q(result__lab_test__released_at__isnull=False)),
    Kept(clinical.LabResult, patient="lab_test__patient", until=MEDICAL, guards=("kept",), files=("file",),
         only=Q(lab_test__released_at__isnull=False)),
    Kept(clinical.LabTestEvent, patient="lab_test__patient", until=MEDICAL, guards=("append_only",),
         columns=("lab_test", "from_status", "to_status", "by", "at")),
    Kept(clinical.LabTest, patient="patient", until=MEDICAL, guards=("kept",)),
    Kept(clinical.RecordFile, patient="record__patient", until=MEDICAL, guards=("append_only",), files=("file",)),
    Kept(clinical.MedicalRecord, patient="patient", until=MEDICAL, guards=("kept",)),
    Kept(clinical.Allergy, patient="patient", until=MEDICAL),
    Kept(clinical.Condition, patient="patient", until=MEDICAL),
    Kept(clinical.CurrentMedication, patient="patient", until=MEDICAL),
    Kept(clinical.CareRelationship, patient="patient", until=MEDICAL),
    Kept(bookings.Displacement, patient="appointment__patient",
         columns=("appointment", "version", "status", "respond_by", "settled_at", "settled_by")),
    Kept(bookings.VideoRoom, patient="appointment__patient",
         columns=("appointment", "version", "provider", "opened_at", "closed_at")),
    Kept(bookings.AppointmentReminder, patient="appointment__patient",
         columns=("appointment", "version", "minutes_before", "decided_at", "is_sent")),
    Kept(bookings.AppointmentEvent, patient="appointment__patient", until=MEDICAL, guards=("append_only",),
         scrub=_FREE_TEXT_GONE),
    Kept(bookings.Appointment, patient="patient", until=MEDICAL,
         scrub={"complaint": "", "notes": "", "cancellation_reason": ""}),
    Kept(bookings.BookingEvent, patient="booking__patient", until=MEDICAL, guards=("append_only",),
         scrub=_FREE_TEXT_GONE),
    Kept(bookings.Booking, patient="patient", until=MEDICAL, scrub={"message": ""}),
    # --- money: the books stay, and name nobody any more ---
    Kept(billing.InvoicingNews, user="bill__payer", until=BOOKS, special="kept",
         left_out="what our own job has yet to look at"),
    Kept(billing.InvoiceSending, user="invoice__recipient", until=BOOKS, special="kept", columns=("invoice", "at")),
    Kept(billing.Invoice, user="recipient", until=TAX, guards=("unchangeable",),
         scrub={"document": _INVOICE_GONE, "reason": ""},
         columns=("number", "kind", "issued_on", "currency", "net", "tax", "total", "document", "reason")),
    Kept(billing.LedgerEntry, user="bill__payer", until=BOOKS, special="kept",
         columns=("at", "kind", "amount", "currency", "debit", "credit", "bill", "payment")),
    Kept(billing.SettledEntry, user="entry__bill__payer", until=BOOKS, special="kept",
         left_out="which entry of the ledger stands in which settlement with a hospital"),
    Kept(billing.SettlementLine, user="bill__payer", until=BOOKS, special="kept",
         left_out="what Medivoy owes a hospital of a bill, which is in the copy"),
    Kept(billing.WebhookEvent, user="payment__payer", scrub={"body": "", "reason": ""},
         left_out="a gateway's words about a payment, which is in the copy"),
    Kept(billing.MoneyTask, user="payment__payer", until=TAX, scrub=_OUTCOME_GONE,
         columns=("kind", "amount", "currency", "opened_at", "done_at")),
    Kept(billing.RefundEvent, user="refund__payment__payer", until=TAX, guards=("append_only",), scrub=_FREE_TEXT_GONE,
         columns=("refund", "from_status", "to_status", "at")),
    Kept(billing.Refund, user="payment__payer", until=TAX, scrub={"reason": "", "reference": ""},
         columns=("number", "payment", "amount", "currency", "status", "cause", "created_at")),
    Kept(billing.Dispute, user="payment__payer", until=BOOKS, special="kept",
         columns=("payment", "amount", "currency", "status", "created_at")),
    Kept(billing.PaymentEvent, user="payment__payer", until=TAX, guards=("append_only",), scrub=_FREE_TEXT_GONE,
         columns=("payment", "from_status", "to_status", "code", "at")),
    Kept(billing.Payment, user="payer", until=TAX, scrub=_PAYMENT_GONE,
         columns=("number", "amount", "currency", "gateway", "method", "status", "captured", "refunded", "received_on",
                  "reference", "subject_label", "reversal_reason", "created_at")),
    Kept(billing.Mandate, user="payer",
         scrub={"customer": Cast("pk", models.TextField()), "method": "", "label": "", "ended_at": Now()},
         columns=("gateway", "label", "created_at", "ended_at")),
    Kept(billing.DueReminder, user="instalment__bill__payer", columns=("instalment", "days_before", "at")),
    Kept(billing.CouponRedemption, user="payer", until=BOOKS, special="kept",
         columns=("coupon", "bill", "status", "amount", "currency", "created_at", "settled_at")),
    Kept(billing.Instalment, user="bill__payer", until=BOOKS, special="kept",
         columns=("bill", "position", "kind", "due_on", "amount", "owed", "currency")),
    Kept(billing.BillLine, user="bill__payer", until=TAX, guards=("append_only",), scrub={"description": ""}),
    Kept(billing.BillEvent, user="bill__payer", until=TAX, guards=("append_only",), scrub=_FREE_TEXT_GONE,
         columns=("bill", "from_status", "to_status", "at")),
    Kept(billing.Bill, user="payer", until=TAX, scrub={"subject_label": ""},
         columns=("number", "status", "subject_label", "currency", "net", "discount", "tax", "total", "credited",
                  "paid", "due_on", "terms", "created_at")),
    # --- what proves that it was right ---
    Kept(clinical.ConsentGrant, patient="patient", until=PROOF, guards=("kept", "only_its_end_changes")),
    Kept(clinical.EmergencyAccess, patient="patient", until=PROOF, guards=("kept",),
         columns=("doctor", "reason", "starts_at", "ends_at", "verdict", "reviewed_at")),
    Kept(clinical.Guardian, patient="patient", until=PROOF, files=("document",)),
    Kept(clinical.ReadEntry, patient="patient", until=EVIDENCE, special="kept",
         columns=("at", "reader_role", "object_type", "object_id", "act", "ground", "place")),
    Kept(LegalHold, patient="patient", until=PROOF, left_out="an admin's note on a dispute, which it could prejudice"),
    Kept(SealedIdentity, patient="patient", until=MEDICAL, left_out="there is none while the account is there"),
    Kept(Closure, patient="patient", until=EVIDENCE, special="kept",
         columns=("status", "created_at", "erase_at", "reopened_at")),
    # --- files, and the person ---
    Kept(UploadSession, user="owner", scrub={"original_name": ""},
         columns=("purpose", "status", "original_name", "size", "created_at")),
    Kept(StoredFile, user="owner", special="files",
         columns=("purpose", "original_name", "content_type", "size", "sha256", "created_at")),
    Kept(clinical.Patient, patient="pk", scrub={"city": "", "address": "", "emergency_name": "",
                                                "emergency_relation": "", "emergency_phone": ""}),
    Kept(clinical.Patient, patient="pk", until=MEDICAL, left_out="said in the entry before",
         scrub={"birth_date": None, "gender": "unknown", "country": "", "blood_group": "", "height_cm": None,
                "weight_kg": None}),
    Kept(User, user="pk", scrub=_ACCOUNT_GONE,
         columns=("email", "email_verified_at", "phone", "phone_verified_at", "first_name", "last_name", "role",
                  "is_active", "language", "time_zone", "created_at", "last_login")),
    Kept(AuditEntry, user="actor", special="trail",
         columns=("at", "action", "object_type", "object_id", "address", "user_agent")),
)  # fmt: skip

_PRACTICE = "about doctors and hospitals; a patient's account is never a doctor's"
_CALENDAR = "a doctor's calendar"
_SETTLED = "between Medivoy and a hospital; of people it names staff only"

NOT_PATIENTS: tuple[NotAPatients, ...] = (
    NotAPatients(LogEntry, _STAFF),
    NotAPatients(BrowserSession, _STAFF),
    NotAPatients(hospitals.Doctor, _PRACTICE),
    NotAPatients(hospitals.Affiliation, _PRACTICE),
    NotAPatients(hospitals.Licence, _PRACTICE),
    NotAPatients(hospitals.Qualification, _PRACTICE),
    NotAPatients(hospitals.DoctorDocument, _PRACTICE),
    NotAPatients(hospitals.Hospital, _PRACTICE),
    NotAPatients(hospitals.HospitalStaff, _PRACTICE),
    NotAPatients(hospitals.HospitalImage, _PRACTICE),
    NotAPatients(billing.InvoiceIssuer, "who issues, not to whom"),
    NotAPatients(billing.InvoiceSeries, "counts, and names nobody"),
    NotAPatients(billing.Subscription, _PRACTICE),
    NotAPatients(billing.SubscriptionPeriod, _PRACTICE),
    NotAPatients(billing.SubscriptionEvent, _PRACTICE),
    NotAPatients(billing.CommissionRate, _SETTLED),
    NotAPatients(billing.Settlement, _SETTLED),
    NotAPatients(billing.SettlementEvent, _SETTLED),
    NotAPatients(billing.SettlementRun, _SETTLED),
    NotAPatients(billing.SettlementRunItem, _SETTLED),
    NotAPatients(hospitals.HospitalDocument, _PRACTICE),
    NotAPatients(hospitals.Accreditation, _PRACTICE),
    NotAPatients(hospitals.BankAccount, _PRACTICE),
    NotAPatients(hospitals.Offer, _PRACTICE),
    NotAPatients(hospitals.Package, _PRACTICE),
    NotAPatients(hospitals.PackageSeason, _PRACTICE),
    NotAPatients(hospitals.Treatment, "the catalogue; its pictures were uploaded by staff"),
    NotAPatients(clinical.Laboratory, _PRACTICE),
    NotAPatients(billing.CancellationPolicy, _PRACTICE),
    NotAPatients(billing.CancellationPolicyVersion, _PRACTICE),
    NotAPatients(billing.CancellationTier, _PRACTICE),
    NotAPatients(bookings.DoctorSchedule, _CALENDAR),
    NotAPatients(bookings.WeeklyHours, _CALENDAR),
    NotAPatients(bookings.TimeOff, _CALENDAR),
    NotAPatients(bookings.CalendarCheck, _CALENDAR),
    NotAPatients(bookings.CalendarFeed, _CALENDAR),
    NotAPatients(bookings.Closure, _CALENDAR),
    NotAPatients(bookings.ExtraHours, _CALENDAR),
)


def ruled() -> set[type[models.Model]]:
    """Every model that is spoken of here."""
    return {kept.model for kept in TABLE} | {other.model for other in NOT_PATIENTS}


def exported() -> list[Kept]:
    """What the copy of a person's data is made of."""
    return [kept for kept in TABLE if not kept.left_out]


def treatments() -> Mapping[type[models.Model], tuple[Q, F]]:
    """What counts as treatment, and when it was: until then nothing need be kept for medicine's sake."""
    treated = ["consultation_in_progress", "prescription_provided", "follow_up_scheduled", "consultation_completed"]
    return {
        bookings.Appointment: (Q(status__in=treated), F("starts_at")),
        clinical.Prescription: (Q(signed_at__isnull=False), F("signed_at")),
        clinical.LabTest: (Q(sampled_at__isnull=False) | Q(released_at__isnull=False), F("created_at")),
    }
