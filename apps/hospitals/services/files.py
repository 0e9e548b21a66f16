"""Which uploads may hang on a hospital: one's own, for an admin anyone's, and those that hang on it already, for its
staff work on the same page."""

from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import User
from apps.hospitals.models import Accreditation, Hospital, HospitalDocument, HospitalImage
from apps.media import selectors as media
from apps.media.models import StoredFile


def picture(hospital: Hospital, pk: UUID | None, *, by: User | None, field: str) -> StoredFile | None:
    """The public picture with this id; None for None. Raises Invalid, naming `field`."""
    if pk is not None and (by is None or pk in _pictures_of(hospital)):
        return StoredFile.objects.pictures().get(pk=pk)
    return media.picture(pk, by=by, field=field)


def paper(hospital: Hospital, pk: UUID | None, *, by: User | None, field: str) -> StoredFile | None:
    """The private document with this id; None for None. Raises Invalid, naming `field`."""
    if pk is not None and (by is None or pk in _papers_of(hospital)):
        return StoredFile.objects.documents().get(pk=pk)
    return media.document(pk, by=by, field=field)


def _pictures_of(hospital: Hospital) -> Collection[UUID | None]:
    gallery = HospitalImage.objects.filter(hospital=hospital).values_list("file", flat=True)
    return {hospital.logo_id, hospital.cover_id, *gallery}


def _papers_of(hospital: Hospital) -> Collection[UUID | None]:
    certificates = Accreditation.objects.filter(hospital=hospital).values_list("document", flat=True)
    others = HospitalDocument.objects.filter(hospital=hospital).values_list("file", flat=True)
    return set(certificates.union(others))
