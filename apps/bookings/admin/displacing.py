"""Leave and closures are saved once their author has seen how many appointments they displace."""

from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from apps.bookings import selectors, slots
from apps.common.admin.forms import GuardedForm
from apps.common.exceptions import DomainError

#: The hidden field with the number of displaced appointments that the author has been shown.
SEEN = "_displaces"


class DisplacingForm(GuardedForm):
    """Counts the appointments to come that would be displaced, and says so first: their patients are told when it is
    saved. Saving again agrees to that number, or to a smaller one."""

    #: How many there are, once they have been counted.
    displaces = 0

    def why_not(self) -> DomainError | None:
        """What is wrong with the given period by itself, said before the database's own words for it."""
        raise NotImplementedError

    def period(self) -> slots.Interval:
        """From when to when nobody is seen (UTC, the end exclusive)."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        refusal = self.why_not()
        if refusal:
            self._show_refusal(refusal)
        else:
            start, end = self.period()
            self.displaces = selectors.count_displaced(
                start=start,
                end=end,
                now=timezone.now(),
                doctor_id=self.given("doctor"),
                hospital_id=self.given("hospital"),
                reader=self.request.user,
            )
            if self.displaces > self._seen():
                self.add_error(None, self._what_happens())
        return cleaned

    def given(self, name: str) -> Any:
        """The id of the chosen row; of the one that stays, where it cannot be chosen any more."""
        chosen = self.cleaned_data.get(name)
        return chosen.pk if chosen else getattr(self.instance, f"{name}_id", None)

    def _seen(self) -> int:
        seen = self.data.get(SEEN, "")
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0

    def _what_happens(self) -> str:
        return ngettext(
            "%(count)s appointment to come lies in this time. Its patient is told at once, and chooses another time, a "
            "colleague or a refund. Save again to do that.",
            "%(count)s appointments to come lie in this time. Their patients are told at once, and choose another "
            "time, a colleague or a refund. Save again to do that.",
            self.displaces,
        ) % {"count": self.displaces}
