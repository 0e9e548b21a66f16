"""What media refuses."""

from http import HTTPStatus
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class TypeNotAccepted(exceptions.DomainError):
    """Judged by the bytes: neither the name nor the declared type is believed."""

    code = "media.type_not_accepted"
    message = _("This kind of file is not accepted here. Accepted are: %(kinds)s.")
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class FileTooLarge(exceptions.TooLarge):
    code = "media.too_large"
    message = _("The file is too large: at most %(megabytes)d MB are accepted.")


class TooManyPixels(exceptions.TooLarge):
    code = "media.too_many_pixels"
    message = _("The image is too large: at most %(megapixels)d million pixels are accepted.")


class EmptyFile(exceptions.DomainError):
    code = "media.empty"
    message = _("The file is empty.")


class UnreadableFile(exceptions.DomainError):
    """It begins as what it says, but is cut off, damaged, or made to break whoever reads it."""

    code = "media.unreadable"
    message = _("The file is damaged or incomplete and cannot be read.")


class ActiveContent(exceptions.DomainError):
    code = "media.active_content"
    message = _("The PDF contains a script, an embedded file or a command. Please print it to a new PDF and send that.")


#: Of what is a medical image and a program in one.
DISGUISED = _("The file is made to be run as a program too, and is not accepted.")


class EncryptedFile(exceptions.DomainError):
    code = "media.encrypted"
    message = _("The PDF is protected with a password. Please remove the password and send it again.")


class UploadIncomplete(exceptions.DomainError):
    code = "media.upload_incomplete"
    message = _("The upload broke off. Please send the file again.")


class PartsMissing(exceptions.Conflict):
    """`data` says which parts have not arrived."""

    code = "media.parts_missing"
    message = _("Parts of the file have not arrived yet. Please send them and try again.")


class UploadClosed(exceptions.Conflict):
    """Completed, given up or too old: a part, an end or a change of mind comes too late."""

    code = "media.upload_closed"
    message = _("This upload is no longer open.")


class TooManyOpenUploads(exceptions.Conflict):
    code = "media.too_many_open_uploads"
    message = _("You have %(count)d unfinished uploads. Please finish or cancel one first.")


class DigestDiffers(exceptions.DomainError):
    """What arrived is not what was announced."""

    code = "media.digest_differs"
    message = _("What arrived is not the file that you announced: its SHA-256 differs. Please send it again.")


class NotYetScanned(exceptions.Conflict):
    """Nobody may fetch or use it before the scanner has looked at it."""

    code = "media.not_yet_scanned"
    message = _("This file is still being scanned for viruses. Please try again shortly.")


class Infected(exceptions.DomainError):
    code = "media.infected"
    message = _("A virus was found in this file. It is kept in quarantine and cannot be used.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyUploads(exceptions.TooMany):
    code = "media.too_many_uploads"
    message = _("You have uploaded very much within an hour. Please wait and try again.")


class FileInUse(exceptions.InUse):
    code = "media.in_use"
    message = _("This file is in use and cannot be removed.")


class StorageUnavailable(exceptions.Unavailable):
    """Nothing was stored that anyone could fetch, and trying again is safe."""

    RETRY_AFTER_SECONDS: ClassVar = 30
    code = "media.storage_unavailable"
    message = _("Files cannot be stored or fetched at the moment. Please try again shortly.")
