"""Why a document cannot be made."""

from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Invalid


class CharactersNotSupported(Invalid):
    """A text holds characters that the documents' fonts cannot show; on paper they would be empty boxes."""

    code = "documents.characters_not_supported"
    message = _("Some characters cannot be printed on a document.")


class DocumentError(Exception):
    """A template is wrong or lacks data: a programmer's mistake, never shown to people."""
