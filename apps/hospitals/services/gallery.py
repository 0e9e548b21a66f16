"""Verbs on a hospital's gallery. All of them hold the hospital's lock; the pictures' places are 0, 1, 2, ..."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.hospitals import rules
from apps.hospitals.models import Hospital, HospitalImage

from . import files, texts
from .hospitals import is_staff_of

TEXTS = frozenset({"caption"})


@transaction.atomic
def add_image(
    hospital: Hospital,
    *,
    by: User | None,
    file_id: UUID,
    caption: texts.Texts | None = None,
    position: int | None = None,
) -> HospitalImage:
    """The picture is in the gallery at its place, those behind it one further; without a place it is the last.

    Raises Forbidden, GalleryFull, Invalid.
    """
    hospital = Hospital.objects.lock(hospital.pk)
    images = list(HospitalImage.objects.filter(hospital=hospital))
    present = [image.file_id for image in images]
    refusal = rules.why_not_add_image(file_id, present, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    file = files.picture(hospital, file_id, by=by, field="file_id")
    image = HospitalImage(hospital=hospital, file=file, position=len(images))
    texts.write(image, {"caption": caption or {}}, texts=TEXTS, plain=())
    image.save()
    images.insert(len(images) if position is None else position, image)
    _number(images)
    image.refresh_from_db(fields=["text_status"])  # the database has just said it
    return image


@transaction.atomic
def update_image(image: HospitalImage, *, by: User | None, **changes: Any) -> HospitalImage:
    """The caption says what `changes` say, by language; by `position` the picture moves to that place, behind the last
    one at most. Raises Forbidden, Invalid."""
    _hospital, images = _locked(image, by=by)
    image = images[image.pk]
    position = changes.pop("position", None)
    texts.write(image, changes, texts=TEXTS, plain=())
    image.save()
    if position is not None:
        others = [other for other in images.values() if other.pk != image.pk]
        _number([*others[:position], image, *others[position:]])
    image.refresh_from_db(fields=["text_status"])
    return image


@transaction.atomic
def order_images(hospital: Hospital, ids: Sequence[UUID], *, by: User | None) -> None:
    """The gallery is in this order. Raises Forbidden, GalleryChanged when these are not its pictures, Invalid."""
    hospital = Hospital.objects.lock(hospital.pk)
    images = HospitalImage.objects.filter(hospital=hospital).in_bulk()
    refusal = rules.why_not_order_images(ids, images, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    _number([images[pk] for pk in ids])


@transaction.atomic
def remove_image(image: HospitalImage, *, by: User | None) -> None:
    """The picture is not in the gallery; the upload is cleaned up once nothing else uses it. Raises Forbidden."""
    _hospital, images = _locked(image, by=by)
    images.pop(image.pk).delete()
    _number(list(images.values()))


def _locked(image: HospitalImage, *, by: User | None) -> tuple[Hospital, dict[UUID, HospitalImage]]:
    """The hospital, and its gallery in order. Raises Forbidden, DoesNotExist when the picture is there no more."""
    hospital = Hospital.objects.lock(image.hospital_id)
    refusal = rules.why_not_keep_hospital(by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    images = {row.pk: row for row in HospitalImage.objects.filter(hospital=hospital).select_related("file")}
    if image.pk not in images:
        raise HospitalImage.DoesNotExist
    return hospital, images


def _number(images: Sequence[HospitalImage]) -> None:
    moved = []
    for position, image in enumerate(images):
        if image.position != position:
            image.position = position
            moved.append(image)
    HospitalImage.objects.bulk_update(moved, ["position"])
