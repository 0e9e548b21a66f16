"""The admin's site: sign-in with lock-out and second factor, idle log-out, one search over what the person may see."""

from unfold.sites import UnfoldAdminSite


class MedivoyAdminSite(UnfoldAdminSite):
    pass
