"""The words of unfold, which brings no translations: named here so that they get into our catalogues."""

from django.utils.translation import gettext_noop as _

TEXTS = (
    _("Action"), _("Add row"), _("All applications"), _("Apply Filters"), _("Cancel"),
    _("Choose file to upload"), _("Click to cancel"), _("Click to download"), _("Dark"), _("Date"), _("Date from"),
    _("Date to"), _("Expand row"), _("False"), _("Filters"), _("From"), _("General"), _("Go back"), _("Light"),
    _("Loading more results..."), _("More actions"), _("Next"), _("No data"), _("No recent searches"),
    _("No results found"), _("No results matching your query"), _("Previous"), _("Recent searches"), _("Reset filters"),
    _("Return to site"), _("Run"), _("Search apps and models..."), _("Select action"), _("Select action to run"),
    _("Select all rows"), _("Select record"), _("Select value"), _("Submit"), _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."), _("To"),
    _("Toggle password visibility"), _("True"), _("Type to search"), _("Value"), _("Welcome"),
    _("You have been successfully logged out from the administration"),
)  # fmt: skip
