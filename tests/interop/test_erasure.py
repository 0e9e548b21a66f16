"""Forgetting a patient: what may go has gone from every table, what must stay is there without a name, and it can be
broken off and begun again at any point.
"""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import OneTimeSecret, Session, User
from apps.bookings.models import Appointment, AppointmentEvent, Review
from apps.clinical.models import Allergy, ConsentGrant, Guardian, MedicalRecord, Patient, Prescription, RecordFile
from apps.common.models import AuditEntry
from apps.interop import retention, rules, services
from apps.interop.models import Closure, DataExport, LegalHold, SealedIdentity
from apps.interop.selectors import people
from apps.interop.services import erasure
from apps.media import services as media_services
from apps.media.models import DiscardedFile, StoredFile
from apps.notifications.models import CaughtEmail, Channel, Message
from tests.factories.bookings import ReviewFactory
from tests.factories.consent import GrantFactory
from tests.factories.media import pdf

NOW = timezone.now
DAY = timedelta(days=1)


@pytest.fixture
def patient(world):
    """Treated: side A has a signed prescription and a laboratory result. With a review, a paper of their own, and
    messages about them to others."""
    patient = Patient.objects.select_related("user").get(pk=world.rows["patient_a"].pk)
    ReviewFactory(
        patient=patient, status="published", published_at=NOW(), text="kanari-review", reply="kanari-reply",
        replied_by=world.actors["hospital_admin_a"], replied_at=NOW(),
    )  # fmt: skip
    upload = io.BytesIO(pdf())
    upload.name, upload.size = "mine.pdf", len(upload.getvalue())
    media_services.store_document(upload, by=patient.user)
    Message.objects.create(
        recipient=world.actors["coordinator"], channel=Channel.IN_APP, kind="bookings.request_received",
        event="about-the-patient", context={"patient": patient.user.full_name, "number": "AP-1"}, due_at=NOW(),
    )  # fmt: skip
    for address in (patient.user.email, "someone@example.com"):
        CaughtEmail.objects.create(
            message_id=f"<{address}>", to=address, subject="s", text=f"Dear {patient.user.full_name}"
        )
    return patient


@pytest.fixture
def newcomer(patient_with_nothing_but_uploads):
    return patient_with_nothing_but_uploads


@pytest.fixture
def patient_with_nothing_but_uploads(other_patient):
    """Never treated: an allergy, a record with a file, all by their own hand."""
    Allergy.objects.create(patient=other_patient, substance="kanari-substance")
    upload = io.BytesIO(pdf())
    upload.name, upload.size = "kanari-file.pdf", len(upload.getvalue())
    file = media_services.store_medical_record(upload, by=other_patient.user)
    record = MedicalRecord.objects.create(
        patient=other_patient, type="mri", title="kanari-title", recorded_on=date(2026, 1, 2),
        uploaded_by=other_patient.user,
    )  # fmt: skip
    RecordFile.objects.create(record=record, file=file)
    Patient.objects.filter(pk=other_patient.pk).update(city="kanari-city", emergency_name="kanari-brother")
    return other_patient


def closed(patient, *, days_ago=31):
    """The account was closed so long ago."""
    User.objects.filter(pk=patient.user_id).update(is_active=False)
    closure = Closure.objects.create(patient=patient, erase_at=NOW() - (days_ago - 30) * DAY)
    patient.user.refresh_from_db()
    return closure


def tables():
    return [name for name in connection.introspection.table_names() if not name.startswith("django_")]


def dump():
    """Every row of every table as text, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" AS t')  # noqa: S608
            found[table] = "\n".join(row[0] for row in cursor.fetchall())
    return found


#: What a store and a scanner say, not a person.
TECHNICAL = {"parts_id", "threat", "scan_problem"}


def words_of(patient, *, until=(None, retention.MEDICAL, retention.TAX, retention.PROOF)):
    """Every text of every row that leads to this patient and stays so long, and what is said of them elsewhere."""
    person = patient.user
    words = {person.email, person.first_name, person.last_name, person.full_name}
    for kept in retention.TABLE:
        if (kept.patient or kept.user) and kept.until in until:
            for row in kept.rows(patient).values():
                texts = {value for name, value in row.items() if isinstance(value, str) and name not in TECHNICAL}
                words |= {text for text in texts if "kanari" in text}
    return {word for word in words if word}


def tables_with(words):
    return set(found_in(words))


def found_in(words):
    """The words that are there, by table."""
    found = {table: {word for word in words if word in text} for table, text in dump().items()}
    return {table: there for table, there in found.items() if there}


# --- a patient who was treated ---------------------------------------------------------------------------------------


def test_after_erasure_a_dump_holds_the_patients_words_only_in_what_law_keeps(patient):
    words, of_no_use = words_of(patient), words_of(patient, until=(None,))
    assert len(words) > 40
    assert len(of_no_use) > 12
    assert {"accounts_user", "common_auditentry", "clinical_patient", "notifications_message"} <= tables_with(of_no_use)
    closed(patient)
    assert services.erase_due(NOW()) == 1
    connection.check_constraints()
    assert set(found_in(of_no_use)) <= {"billing_invoice"}, "an invoice names its recipient as long as tax law asks"
    by_law = {kept.model._meta.db_table for kept in retention.TABLE if kept.until}
    assert tables_with(words) - by_law <= {"common_auditentry"}, "and the trail of what is kept"


def test_the_name_is_nowhere_in_clear_and_can_be_read_under_seal(patient):
    name, email = patient.user.full_name, patient.user.email
    closed(patient)
    services.erase_due(NOW())
    text = "".join(dump().values())
    assert name not in text
    assert email not in text
    assert name in SealedIdentity.objects.get(patient=patient).identity


def test_records_stay_until_ten_years_after_the_last_treatment_and_proof_three_years_longer(patient):
    words = words_of(patient)
    closure = closed(patient)
    treated_on = people.treated_on(patient)
    services.erase_due(NOW())
    closure.refresh_from_db()
    assert closure.status == "retained"
    assert closure.keep_until == rules.years_after(treated_on, 10) + DAY
    assert MedicalRecord.objects.filter(patient=patient).exists()
    assert services.erase_due(NOW() + 9 * 365 * DAY) == 0, "too early"

    later = NOW() + 3660 * DAY
    assert services.erase_due(later) == 1
    closure.refresh_from_db()
    assert closure.status == "retained"
    for model in (MedicalRecord, Prescription, Allergy, SealedIdentity):
        assert not model.objects.filter(patient=patient).exists()
    assert ConsentGrant.objects.filter(patient=patient).exists()
    assert set(Appointment.objects.filter(patient=patient).values_list("complaint", "notes")) == {("", "")}
    assert set(AppointmentEvent.objects.filter(appointment__patient=patient).values_list("note", flat=True)) == {""}

    assert services.erase_due(later + 3 * 366 * DAY) == 1
    closure.refresh_from_db()
    assert closure.status == "erased"
    connection.check_constraints()
    assert tables_with(words) == set()
    assert not Guardian.objects.filter(patient=patient).exists()


def test_the_trail_says_that_something_was_but_not_what(patient):
    city = patient.city
    entries = AuditEntry.objects.filter(object_type="clinical.patient", object_id=str(patient.pk))
    assert any(city in str(entry.changes) for entry in entries)
    count = entries.count()
    closed(patient)
    services.erase_due(NOW())
    assert entries.all().count() >= count
    told = {name: value for entry in entries.all() for name, value in entry.changes.items() if value != "•••"}
    assert set(told) == {"erased_at"}


def test_control_the_trail_is_append_only_for_everyone_else(patient):
    with pytest.raises(Exception, match="Cannot update"):
        AuditEntry.objects.filter(object_id=str(patient.pk)).update(changes={})


def test_a_review_keeps_its_stars_and_loses_its_words(patient):
    before = list(Review.objects.filter(patient=patient).order_by("pk").values_list("rating", flat=True))
    closed(patient)
    services.erase_due(NOW())
    reviews = list(Review.objects.filter(patient=patient).order_by("pk"))
    assert [review.rating for review in reviews] == before
    assert {(review.text, review.reply, review.replied_by) for review in reviews} == {("", "", None)}


def test_messages_to_others_lose_the_name(patient):
    closed(patient)
    services.erase_due(NOW())
    assert Message.objects.get(event="about-the-patient").context == {"patient": "•••", "number": "AP-1"}
    assert not Message.objects.filter(recipient=patient.user).exists()
    assert [mail.text for mail in CaughtEmail.objects.filter(to="someone@example.com")] == ["Dear •••"]


def test_what_the_law_keeps_opens_to_nobody_by_an_old_consent(world, patient, coordinator):
    GrantFactory(patient=patient, coordinator=coordinator)
    assert MedicalRecord.objects.visible_to(coordinator).filter(patient=patient).exists()
    closed(patient)
    services.erase_due(NOW())
    assert MedicalRecord.objects.filter(patient=patient).exists()
    assert not MedicalRecord.objects.visible_to(coordinator).filter(patient=patient).exists()
    assert not ConsentGrant.objects.filter(patient=patient, revoked_at=None).exists()


def test_nobody_signs_in_with_what_is_left(patient):
    closed(patient)
    services.erase_due(NOW())
    user = User.objects.get(pk=patient.user_id)
    assert (user.first_name, user.last_name, str(user.phone), user.is_active) == ("", "", "", False)
    assert user.email == f"erased-{user.pk}@erased.invalid"
    assert not user.has_usable_password()
    for model in (Session, OneTimeSecret):
        assert not model.objects.filter(user=user).exists()


def test_files_that_nothing_kept_refers_to_are_gone_and_the_others_lose_their_names(world, patient):
    kept = world.rows["record_stored_file_a"]
    own = StoredFile.objects.get(owner=patient.user, original_name="mine.pdf")
    closed(patient)
    services.erase_due(NOW())
    assert StoredFile.objects.get(pk=kept.pk).original_name == ""
    assert not StoredFile.objects.filter(pk=own.pk).exists()
    assert DiscardedFile.objects.filter(keys__contains=[own.key]).exists()


def test_another_patient_is_not_touched(world, patient):
    other = world.rows["patient_b"]
    words = words_of(other)
    before = {table: text for table, text in dump().items() if any(word in text for word in words)}
    closed(patient)
    services.erase_due(NOW())
    after = dump()
    assert [table for table in before for word in words if word in before[table] and word not in after[table]] == []


# --- a patient who never was -----------------------------------------------------------------------------------------


def test_of_somebody_never_treated_nothing_medical_stays(newcomer):
    words = words_of(newcomer)
    assert "kanari-title" in words
    closure = closed(newcomer)
    services.erase_due(NOW())
    connection.check_constraints()
    assert tables_with(words) == set()
    assert not MedicalRecord.objects.filter(patient=newcomer).exists()
    assert not StoredFile.objects.filter(owner=newcomer.user).exists()
    assert not SealedIdentity.objects.filter(patient=newcomer).exists()
    closure.refresh_from_db()
    assert closure.keep_until == rules.years_after(closure.created_at.date(), 3) + DAY


# --- when, and when not ----------------------------------------------------------------------------------------------


def test_nothing_is_erased_before_its_time(newcomer):
    closed(newcomer, days_ago=29)
    assert services.erase_due(NOW()) == 0
    assert Allergy.objects.filter(patient=newcomer).exists()


def test_nothing_is_erased_while_it_is_held_and_everything_once_the_hold_is_lifted(newcomer, platform_admin):
    closed(newcomer)
    hold = services.place_hold(newcomer, reason="A complaint", by=platform_admin)
    assert services.erase_due(NOW()) == 0
    assert Allergy.objects.filter(patient=newcomer).exists()
    services.lift_hold(hold.pk, by=platform_admin)
    assert services.erase_due(NOW()) == 1
    assert not Allergy.objects.filter(patient=newcomer).exists()
    assert LegalHold.objects.filter(patient=newcomer).exists(), "why it took so long must be shown"


def test_an_account_that_an_admin_activated_again_is_not_erased(newcomer):
    closure = closed(newcomer)
    User.objects.filter(pk=newcomer.user_id).update(is_active=True)
    assert services.erase_due(NOW()) == 0
    closure.refresh_from_db()
    assert closure.status == "reopened"
    assert Allergy.objects.filter(patient=newcomer).exists()


def test_a_second_run_finds_nothing_to_do(newcomer):
    closed(newcomer)
    assert services.erase_due(NOW()) == 1
    before = dump()
    assert services.erase_due(NOW()) == 0
    assert dump() == before


# --- broken off ------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As a worker that is killed: nothing catches it."""


@pytest.mark.parametrize("after", [1, 12, 25, len(retention.TABLE) - 2, len(retention.TABLE)])
def test_a_worker_killed_in_the_middle_is_followed_by_one_that_ends_it(newcomer, monkeypatch, after):
    words = words_of(newcomer)
    closure = closed(newcomer)
    advance = erasure._advance

    def killed(closure, number):
        if number == after:
            raise Killed
        advance(closure, number)

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_advance", killed)
        with pytest.raises(Killed):
            services.erase_due(NOW())
    closure.refresh_from_db()
    assert closure.status == "erasing"
    assert services.erase_due(NOW()) == 0, "it is still the first worker's"
    assert services.erase_due(NOW() + rules.CLAIMED_FOR + timedelta(seconds=1)) == 1
    closure.refresh_from_db()
    assert closure.status == "retained"
    assert tables_with(words) == set()


def test_one_that_fails_stops_no_other(newcomer, patient, monkeypatch):
    first, second = closed(newcomer, days_ago=40), closed(patient)
    erase = erasure.erase

    def failing(closure, *, now):
        if closure.pk == first.pk:
            raise ValueError("something is wrong with it")
        return erase(closure, now=now)

    monkeypatch.setattr(erasure, "erase", failing)
    assert services.erase_due(NOW()) == 1
    for closure in (first, second):
        closure.refresh_from_db()
    assert (first.status, second.status) == ("waiting", "retained")


# --- before ----------------------------------------------------------------------------------------------------------


def test_the_preview_says_what_then_happens(patient):
    closure = closed(patient)
    fates = people.preview(patient, people.kept_until_of(closure), today=NOW().date())
    counts = {(fate.kind, fate.act): fate.count for fate in fates}
    assert counts["clinical.IdentityDocument", "erase"] == 1
    assert counts["clinical.MedicalRecord", "keep"] == MedicalRecord.objects.filter(patient=patient).count()
    assert counts["accounts.User", "empty"] == 1
    for_good = {kept.label for kept in retention.TABLE if kept.until and kept.until.years is None}
    assert {"clinical.ReadEntry", "billing.LedgerEntry"} <= for_good
    assert all(fate.until and fate.basis for fate in fates if fate.act == "keep" and fate.kind not in for_good)
    services.erase_due(NOW())
    closure.refresh_from_db()
    report = closure.report[NOW().date().isoformat()]
    assert report["erase clinical.IdentityDocument"] == 1
    assert report["keep clinical.MedicalRecord"] == counts["clinical.MedicalRecord", "keep"]


def test_copies_that_lay_ready_go_too(newcomer):
    services.ask_for_export(newcomer, by=newcomer.user)
    services.make_exports(NOW())
    file_id = DataExport.objects.get(patient=newcomer).file_id
    closed(newcomer)
    services.erase_due(NOW())
    assert not DataExport.objects.filter(patient=newcomer).exists()
    assert not StoredFile.objects.filter(pk=file_id).exists()
