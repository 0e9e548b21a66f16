"""The filters of reference data."""

from django.db.models import Q, QuerySet

from apps.common import search, texts

from . import directory, parameters


def _named(rows: QuerySet, value: str) -> QuerySet:
    """A short list, so that names in every language may be looked through."""
    words = search.words_of(value)
    if value and not words:
        return rows.none()  # signs alone name nothing
    for word in words:
        found = Q()
        for language in texts.LANGUAGES:
            found |= Q(**{f"name_{language}__icontains": word})
        rows = rows.filter(found)
    return rows


PROCEDURE_PARAMETERS = {
    "specialty": parameters.Parameter(
        parameters.text,
        lambda rows, value: rows.filter(specialty__code=value),
        "Code of a specialty, as in /specialties.",
        parameters.CODE,
        directory.recognise_specialty,
    ),
    "search": parameters.Parameter(parameters.text, _named, "Words in the name; each must be found."),
}
