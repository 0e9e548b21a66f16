"""Uploads, one's own files, and, where files lie on this machine, the files themselves."""

from .files import REFUSALS, FileViewSet, UploadDocumentView, UploadImageView, UploadView
from .local_files import private_file, public_file
from .sessions import PartView, UploadSessionViewSet

__all__ = [
    "REFUSALS",
    "FileViewSet",
    "PartView",
    "UploadDocumentView",
    "UploadImageView",
    "UploadSessionViewSet",
    "UploadView",
    "private_file",
    "public_file",
]
