"""What waits for a platform admin: doctors, hospitals, renewed licences and accreditations, the longest first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals.models import Accreditation, Doctor, Hospital, HospitalDocument, Licence
from apps.hospitals.workflow import Verification
from apps.media.models import StoredFile


def _since(column: str) -> Coalesce:
    """Since when it waits, by this column; by its creation where that is empty."""
    return Coalesce(F(column), F("created_at"))


#: What can wait, in the order of its tabs: the model, when a row of it waits, since when, and what its page needs.
KINDS: dict[str, tuple[type[Any], Q, Any, tuple[str, ...]]] = {
    # Profiles and pages that are complete; a licence of a doctor who waits is decided with the doctor.
    "doctor": (Doctor, Q(onboarded_at__isnull=False), _since("onboarded_at"), ("user", "specialty")),
    "hospital": (Hospital, Q(onboarded_at__isnull=False), _since("onboarded_at"), ()),
    "licence": (
        Licence,
        Q(doctor__verification=Verification.APPROVED),
        _since("updated_at"),
        ("doctor__user",),
    ),
    "accreditation": (Accreditation, Q(), _since("updated_at"), ("hospital", "body")),
}
#: Beyond this nobody reads on: the longest waiting come first.
MOST = 1_000


@dataclass(frozen=True)
class Waiting:
    """One that waits, and since when."""

    kind: str
    pk: UUID
    since: datetime


@dataclass(frozen=True)
class Paper:
    """A document of whom is to be verified, and what it is said to be."""

    title: str
    file: StoredFile


def _rows(kind: str, user: User) -> QuerySet:
    model, condition, _since, _related = KINDS[kind]
    return model.objects.visible_to(user).filter(condition, verification=Verification.PENDING)


def waiting(user: User, kind: str = "") -> list[Waiting]:
    """All that wait, or those of one kind, the longest first, to a bound. One query a kind."""
    found = [
        Waiting(name, row["pk"], row["since"])
        for name in ([kind] if kind else KINDS)
        for row in _rows(name, user).annotate(since=KINDS[name][2]).order_by("since").values("pk", "since")[:MOST]
    ]
    return sorted(found, key=lambda one: (one.since, one.pk))[:MOST]


def count_waiting(user: User, bound: int) -> int:
    """How many wait, counted to the bound. One query."""
    parts = [_rows(name, user).order_by().values_list("pk") for name in KINDS]
    return parts[0].union(*parts[1:], all=True)[: bound + 1].count()


def count_by_kind(found: Iterable[Waiting]) -> dict[str, int]:
    counts = Counter(one.kind for one in found)
    return {kind: counts[kind] for kind in KINDS}


def subjects(found: Iterable[Waiting], user: User) -> dict[UUID, Any]:
    """The rows that wait, with what a line about each shows. One query a kind."""
    wanted = list(found)
    rows: dict[UUID, Any] = {}
    for kind, (model, _condition, _since, related) in KINDS.items():
        pks = [one.pk for one in wanted if one.kind == kind]
        if pks:
            rows |= model.objects.visible_to(user).select_related(*related).in_bulk(pks)
    return rows


def paper(user: User, pk: UUID) -> StoredFile | None:
    """A document as far as this person may read it: their own upload, an admin any, hospital staff their hospital's."""
    own = StoredFile.objects.visible_to(user).documents().filter(pk=pk).first()
    if own is not None or user.role != Role.HOSPITAL_ADMIN:
        return own
    for rows in (HospitalDocument.objects.filter(file=pk), Accreditation.objects.filter(document=pk)):
        found = rows.visible_to(user).first()
        if found is not None:
            return found.file if isinstance(found, HospitalDocument) else found.document
    return None


def papers(subject: Any, user: User) -> list[Paper]:
    """Every document by which this doctor, hospital, licence or accreditation can be judged."""
    if isinstance(subject, Licence):
        own = [Paper(str(subject), subject.document)] if subject.document else []
        return [*own, *(paper for paper in papers(subject.doctor, user) if paper.file.pk != subject.document_id)]
    if isinstance(subject, Accreditation):
        return [Paper(str(subject), subject.document)] if subject.document else []
    if isinstance(subject, Hospital):
        found = [(str(row), row.file) for row in subject.documents.visible_to(user).select_related("file")]
        accreditations = subject.accreditations.visible_to(user).select_related("body", "document")
        found += [(str(row), row.document) for row in accreditations if row.document]
        return [Paper(title, file) for title, file in found]
    found = []
    for rows in (subject.licences, subject.qualifications):
        found += [
            (str(row), row.document) for row in rows.visible_to(user).select_related("document") if row.document_id
        ]
    found += [(str(row), row.file) for row in subject.documents.visible_to(user).select_related("file")]
    return [Paper(title, file) for title, file in found]
