"""A name stands in e-mails that go out in ours: it is text and nothing else."""

import pytest
from django.core.exceptions import ValidationError

from apps.accounts.validators import validate_name


@pytest.mark.parametrize("name", ["Amara", "O'Brien-Núñez", "أمل", "मीरा", "می\u200cخواهم", "J. R.", "Wwwilson"])
def test_names_of_people_are_names(name):
    validate_name(name)


@pytest.mark.parametrize(
    "name", ["A\nB", "A\x00", "\u202eevil", "a\u2066b", "https://example.com/win", "see www.example.com", "WWW.example"]
)
def test_what_would_change_the_e_mail_around_it_is_no_name(name):
    with pytest.raises(ValidationError):
        validate_name(name)
