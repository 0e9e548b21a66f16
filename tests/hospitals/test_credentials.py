"""Licences, diplomas and documents of doctors: what each verb leaves behind, and that a refusal leaves nothing."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.common import exceptions as refusals
from apps.hospitals import exceptions, rules, services
from apps.hospitals.models import Doctor, DoctorDocument, Licence, Qualification
from apps.hospitals.signals import practice_changed
from apps.hospitals.workflow import Verification
from apps.notifications.models import Message
from tests.factories.hospitals import DoctorFactory, LicenceFactory, SpecialtyFactory
from tests.factories.media import DocumentFactory, StoredFileFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()
SOON = TODAY + timedelta(days=20)
LATER = TODAY + timedelta(days=400)


def told(user):
    return list(Message.objects.filter(recipient=user, channel="email").order_by("id").values_list("kind", flat=True))


def is_listed(doctor):
    return Doctor.objects.listed(TODAY).filter(pk=doctor.pk).exists()


@pytest.fixture
def licence(doctor):
    """The doctor's only licence: approved, and about to expire."""
    licence = doctor.licences.get()
    Licence.objects.update(number="TN-1", expires_on=SOON)
    licence.refresh_from_db()
    return licence


@pytest.fixture
def heard():
    """The doctors of whom bookings hear."""
    ids = set()

    def listen(sender, doctor_ids, **kwargs):
        ids.update(doctor_ids)

    practice_changed.connect(listen)
    yield ids
    practice_changed.disconnect(listen)


# --- renewing ---


def test_a_renewal_waits_while_the_licence_before_it_counts(doctor, licence):
    renewal = services.add_licence(doctor, by=doctor.user, number="TN-1", country="IN", expires_on=LATER)
    doctor.refresh_from_db()
    assert renewal.verification == Verification.PENDING
    assert doctor.licensed_until == SOON


def test_approving_a_renewal_makes_the_doctor_licensed_for_longer(doctor, licence, platform_admin, heard):
    renewal = services.add_licence(doctor, by=doctor.user, number="TN-1", country="IN", expires_on=LATER)
    services.verify_licence(renewal, by=platform_admin, verification="approved")
    doctor.refresh_from_db()
    assert doctor.licensed_until == LATER
    assert told(doctor.user) == ["hospitals.licence_approved"]
    assert heard == {doctor.pk}


def test_rejecting_the_last_approved_licence_takes_the_doctor_off_the_list(doctor, licence, platform_admin, heard):
    assert is_listed(doctor)
    services.verify_licence(licence, by=platform_admin, verification="rejected", reason=" Revoked. ")
    assert not is_listed(doctor)
    message = Message.objects.get(recipient=doctor.user, channel="email")
    assert (message.kind, message.context["reason"], message.context["is_licensed"]) == (
        "hospitals.licence_rejected", "Revoked.", False,
    )  # fmt: skip
    assert heard == {doctor.pk}


def test_rejecting_a_renewal_leaves_the_doctor_listed(doctor, licence, platform_admin):
    renewal = services.add_licence(doctor, by=doctor.user, number="TN-1", country="IN", expires_on=LATER)
    services.verify_licence(renewal, by=platform_admin, verification="rejected", reason="Unreadable.")
    assert is_listed(doctor)
    assert Message.objects.get(recipient=doctor.user, channel="email").context["is_licensed"] is True


@pytest.mark.parametrize(
    ("decision", "reason", "who", "refusal"),
    [
        ("approved", "", "platform_admin", refusals.MoveNotAllowed),
        ("rejected", " ", "platform_admin", exceptions.ReasonRequired),
        ("rejected", "No.", "coordinator", refusals.Forbidden),
        ("rejected", "No.", "hospital_admin", refusals.Forbidden),
    ],
)
def test_a_refused_decision_changes_and_tells_nothing(request, doctor, licence, heard, decision, reason, who, refusal):
    by = request.getfixturevalue(who)
    with pytest.raises(refusal):
        services.verify_licence(licence, by=by, verification=decision, reason=reason)
    licence.refresh_from_db()
    assert licence.verification == Verification.APPROVED
    assert not Message.objects.exists()
    assert heard == set()


def test_a_lapsed_licence_cannot_be_approved(doctor, platform_admin):
    lapsed = LicenceFactory(doctor=doctor, verification="pending", expires_on=TODAY - timedelta(days=1))
    with pytest.raises(exceptions.LicenceLapsed):
        services.verify_licence(lapsed, by=platform_admin, verification="approved")


def test_approving_a_doctor_leaves_a_lapsed_licence_waiting(platform_admin):
    doctor = DoctorFactory(verification="pending", licence__verification="pending")
    lapsed = LicenceFactory(doctor=doctor, verification="pending", expires_on=date(2020, 1, 1))
    services.verify_doctor(doctor, by=platform_admin, verification="approved")
    lapsed.refresh_from_db()
    assert lapsed.verification == Verification.PENDING
    assert is_listed(doctor)


# --- correcting and removing ---


def test_a_licence_is_added_once(doctor, licence):
    with pytest.raises(exceptions.LicenceExists):
        services.add_licence(doctor, by=doctor.user, number="TN-1", country="IN", expires_on=SOON)
    assert doctor.licences.count() == 1


def test_a_rejected_licence_that_is_corrected_waits_again(doctor):
    rejected = LicenceFactory(doctor=doctor, verification="rejected", rejection_reason="Unreadable.")
    services.update_licence(rejected, by=doctor.user, number="TN-9")
    rejected.refresh_from_db()
    assert (rejected.number, rejected.verification, rejected.rejection_reason) == ("TN-9", "pending", "")


def test_an_admin_corrects_an_approved_licence_and_bookings_hear_of_it(doctor, licence, platform_admin, heard):
    Licence.objects.update(told_days=30)
    services.update_licence(licence, by=platform_admin, expires_on=LATER)
    licence.refresh_from_db()
    doctor.refresh_from_db()
    assert (licence.verification, licence.told_days, doctor.licensed_until) == ("approved", None, LATER)
    assert heard == {doctor.pk}


def test_an_admin_adds_to_an_approved_licence_while_its_renewal_waits(doctor, licence, platform_admin):
    services.add_licence(doctor, by=doctor.user, number="TN-1", country="IN", expires_on=LATER)
    services.update_licence(licence, by=platform_admin, authority="Tamil Nadu Medical Council")
    licence.refresh_from_db()
    assert licence.authority == "Tamil Nadu Medical Council"
    with pytest.raises(exceptions.LicenceExists):
        services.update_licence(licence, by=platform_admin, expires_on=LATER)


def test_what_was_approved_is_neither_corrected_nor_removed_by_the_doctor(doctor, licence):
    with pytest.raises(exceptions.LicenceApproved):
        services.update_licence(licence, by=doctor.user, expires_on=LATER)
    with pytest.raises(exceptions.LicenceApproved):
        services.remove_licence(licence, by=doctor.user)
    doctor.refresh_from_db()
    assert doctor.licensed_until == SOON


def test_what_waits_is_removed(doctor, licence):
    waiting = services.add_licence(doctor, by=doctor.user, number="TN-2", country="TR")
    services.remove_licence(waiting, by=doctor.user)
    assert list(doctor.licences.all()) == [licence]


def test_a_licence_cannot_end_before_it_begins(doctor):
    with pytest.raises(refusals.Invalid) as refused:
        services.add_licence(doctor, by=doctor.user, number="TN-2", country="TR", issued_on=LATER, expires_on=SOON)
    assert set(refused.value.errors) == {"expires_on"}


def test_another_doctor_changes_nothing(doctor, licence, other_doctor):
    own = LicenceFactory(doctor=doctor, verification="pending")
    with pytest.raises(refusals.Forbidden):
        services.add_licence(doctor, by=other_doctor.user, number="X", country="IN")
    with pytest.raises(refusals.Forbidden):
        services.update_licence(own, by=other_doctor.user, number="X")
    with pytest.raises(refusals.Forbidden):
        services.remove_licence(own, by=other_doctor.user)
    assert set(doctor.licences.all()) == {licence, own}


# --- papers ---


def test_a_licence_holds_the_doctors_own_upload(doctor):
    paper = DocumentFactory(owner=doctor.user)
    licence = services.add_licence(doctor, by=doctor.user, number="TN-2", country="TR", document_id=paper.pk)
    assert licence.document == paper


@pytest.mark.parametrize("what", ["of another", "a picture", "not stored yet", "unknown"])
def test_what_is_no_document_of_ones_own_is_refused_like_one_that_does_not_exist(doctor, other_doctor, what):
    file = {
        "of another": lambda: DocumentFactory(owner=other_doctor.user),
        "a picture": lambda: StoredFileFactory(owner=doctor.user),
        "not stored yet": lambda: DocumentFactory(owner=doctor.user, status="pending"),
        "unknown": DocumentFactory.build,
    }[what]()
    with pytest.raises(refusals.Invalid) as refused:
        services.add_licence(doctor, by=doctor.user, number="TN-2", country="TR", document_id=file.pk)
    assert set(refused.value.errors) == {"document_id"}
    with pytest.raises(refusals.Invalid) as refused:
        services.add_document(doctor, by=doctor.user, kind="identity", file_id=file.pk)
    assert set(refused.value.errors) == {"file_id"}
    assert (doctor.licences.count(), doctor.documents.count()) == (1, 0)


def test_what_an_admin_attached_the_doctor_may_name_again(doctor, platform_admin):
    paper = DocumentFactory(owner=platform_admin)
    added = services.add_licence(doctor, by=platform_admin, number="TN-2", country="TR", document_id=paper.pk)
    services.update_licence(added, by=doctor.user, authority="TTB", document_id=paper.pk)
    added.refresh_from_db()
    assert (added.document, added.authority) == (paper, "TTB")


def test_the_doctors_file_holds_each_paper_once(doctor):
    paper = DocumentFactory(owner=doctor.user)
    for kind in ["identity", "insurance"]:
        services.add_document(doctor, by=doctor.user, kind=kind, file_id=paper.pk)
    assert DoctorDocument.objects.get().kind == "insurance"


def test_an_approved_doctors_paper_is_removed_by_an_admin(doctor, platform_admin):
    document = services.add_document(
        doctor, by=doctor.user, kind="identity", file_id=DocumentFactory(owner=doctor.user).pk
    )
    with pytest.raises(exceptions.VerifiedFieldsLocked):
        services.remove_document(document, by=doctor.user)
    assert DoctorDocument.objects.exists()
    services.remove_document(document, by=platform_admin)
    assert not DoctorDocument.objects.exists()


def test_a_portrait_is_a_public_image_of_ones_own(doctor, other_doctor):
    mine = StoredFileFactory(owner=doctor.user)
    services.update_doctor(doctor, by=doctor.user, portrait_id=mine.pk)
    for file in [StoredFileFactory(owner=other_doctor.user), DocumentFactory(owner=doctor.user)]:
        with pytest.raises(refusals.Invalid) as refused:
            services.update_doctor(doctor, by=doctor.user, portrait_id=file.pk)
        assert set(refused.value.errors) == {"portrait_id"}
    assert Doctor.objects.get(pk=doctor.pk).portrait == mine
    services.update_doctor(doctor, by=doctor.user, portrait_id=None)
    assert Doctor.objects.get(pk=doctor.pk).portrait is None


# --- diplomas ---


@pytest.fixture
def degrees(doctor):
    paper = DocumentFactory(owner=doctor.user)
    services.update_doctor(
        doctor,
        by=doctor.user,
        qualifications=[
            {"name": {"en": "MBBS"}, "year": 2000, "document_id": paper.pk},
            {"name": {"en": "MD"}, "year": 2005},
        ],
    )
    return list(doctor.qualifications.order_by("year"))


def test_degrees_are_replaced_and_the_diplomas_of_those_that_stay_stay(doctor, degrees):
    first, _second = degrees
    services.update_doctor(
        doctor,
        by=doctor.user,
        qualifications=[
            {"id": first.pk, "name": {"en": "MBBS", "ar": "بكالوريوس"}},
            {"name": {"en": "FRCS"}, "year": 2010},
        ],
    )
    kept, new = doctor.qualifications.order_by("year")
    assert (kept.pk, kept.name_ar, kept.document, kept.year) == (first.pk, "بكالوريوس", first.document, 2000)
    assert (new.name_en, new.document) == ("FRCS", None)


def test_a_diploma_is_taken_away_by_naming_none(doctor, degrees):
    first, _second = degrees
    services.update_doctor(
        doctor, by=doctor.user, qualifications=[{"id": first.pk, "name": {"en": "MBBS"}, "document_id": None}]
    )
    assert doctor.qualifications.get().document is None


@pytest.mark.parametrize("pk", ["of another", "unknown", "twice"])
def test_a_degree_that_is_not_the_doctors_own_is_refused_and_all_stays(doctor, other_doctor, degrees, pk):
    stranger = Qualification.objects.create(doctor=other_doctor, name_en="PhD")
    first = degrees[0].pk
    ids = {"of another": [stranger.pk], "unknown": [uuid.uuid4()], "twice": [first, first]}[pk]
    with pytest.raises(refusals.Invalid) as refused:
        services.update_doctor(
            doctor, by=doctor.user, qualifications=[{"id": one, "name": {"en": "Forged"}} for one in ids]
        )
    assert set(refused.value.errors) == {f"qualifications.{len(ids) - 1}.id"}
    assert list(doctor.qualifications.order_by("year")) == degrees
    assert not Qualification.objects.filter(name_en="Forged").exists()


def test_onboarding_takes_all_papers_or_nothing(other_doctor):
    SpecialtyFactory()
    doctor = DoctorFactory(verification="pending", specialty=None, licence=None)
    own, foreign = DocumentFactory(owner=doctor.user), DocumentFactory(owner=other_doctor.user)
    profile = {
        "specialty": "cardiology",
        "licences": [{"number": "TN-1", "country": "IN", "document_id": own.pk}],
        "qualifications": [{"name": {"en": "MD"}, "document_id": own.pk}],
        "portrait_id": StoredFileFactory(owner=doctor.user).pk,
    }
    with pytest.raises(refusals.Invalid) as refused:
        services.onboard_doctor(
            doctor, by=doctor.user, documents=[{"kind": "identity", "file_id": foreign.pk}], **profile
        )
    assert set(refused.value.errors) == {"documents.0.file_id"}
    doctor.refresh_from_db()
    assert (doctor.onboarded_at, doctor.portrait, doctor.licences.count(), doctor.qualifications.count()) == (
        None, None, 0, 0,
    )  # fmt: skip
    services.onboard_doctor(doctor, by=doctor.user, documents=[{"kind": "identity", "file_id": own.pk}], **profile)
    assert doctor.licences.get().document == doctor.qualifications.get().document == doctor.documents.get().file == own


def test_a_fee_is_never_the_same_number_in_another_currency(doctor):
    before = doctor.consultation_fee, doctor.currency
    with pytest.raises(refusals.Invalid) as refusal:
        services.update_doctor(doctor, by=doctor.user, currency="USD")
    assert list(refusal.value.errors) == ["consultation_fee"]
    doctor.refresh_from_db()
    assert (doctor.consultation_fee, doctor.currency) == before
    changed = services.update_doctor(doctor, by=doctor.user, currency="USD", consultation_fee=Decimal(20))
    assert (changed.consultation_fee, changed.currency) == (20, "USD")


def test_a_paper_that_is_there_already_may_be_called_something_else_however_many_there_are(doctor, platform_admin):
    for _number in range(rules.MAX_DOCUMENTS):
        last = services.add_document(doctor, by=platform_admin, kind="other", file_id=DocumentFactory().pk)
    with pytest.raises(exceptions.TooManyPapers):
        services.add_document(doctor, by=platform_admin, kind="other", file_id=DocumentFactory().pk)
    again = services.add_document(doctor, by=platform_admin, kind="insurance", file_id=last.file_id)
    assert (again.pk, again.kind, doctor.documents.count()) == (last.pk, "insurance", rules.MAX_DOCUMENTS)
