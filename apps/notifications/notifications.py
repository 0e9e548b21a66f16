"""Our own kind of message, and those of accounts and media, which stand below us: accounts asks for them by
`signals.message_wanted`, media announces what has happened.

The texts of accounts' kinds stand in `templates/accounts/email/`.
"""

from django.utils.translation import gettext_lazy as _

from . import catalogue
from .catalogue import Kind
from .models import Channel

ANNOUNCEMENT = catalogue.register(
    Kind(
        name="notifications.announcement",
        group="announcements",
        label=_("Announcements"),
        subject="%(title)s",
        summary="%(body)s",
        example={"title": "Closed on Friday", "body": "Our office is closed on Friday.\nWe are back on Monday."},
    )
)

catalogue.register(
    Kind(
        name="accounts.welcome",
        group="account",
        label=_("Welcome, and the code that confirms your e-mail address"),
        subject=_("Welcome to Medivoy, %(first_name)s"),
        channels=(Channel.EMAIL,),
        transactional=True,
        secrets=("code",),
        example={"first_name": "Amina", "code": "K7M2QX", "minutes": 10},
    )
)
catalogue.register(
    Kind(
        name="accounts.verify_email",
        group="account",
        label=_("Code to confirm your e-mail address"),
        subject=_("Your Medivoy confirmation code"),
        channels=(Channel.EMAIL,),
        transactional=True,
        secrets=("code",),
        example={"first_name": "Amina", "code": "K7M2QX", "minutes": 10},
    )
)
catalogue.register(
    Kind(
        name="accounts.verify_phone",
        group="account",
        label=_("Code to confirm your phone number"),
        subject=_("Your Medivoy confirmation code"),
        channels=(Channel.SMS,),
        transactional=True,
        secrets=("code",),
        example={"first_name": "Amina", "code": "K7M2QX", "minutes": 10},
    )
)
catalogue.register(
    Kind(
        name="accounts.reset_password",
        group="account",
        label=_("Link to set a new password"),
        subject=_("Set a new Medivoy password"),
        channels=(Channel.EMAIL,),
        transactional=True,
        secrets=("link",),
        example={"first_name": "Amina", "link": "https://app.example.com/reset?token=abc&x=1", "hours": 1},
    )
)
catalogue.register(
    Kind(
        name="accounts.invitation",
        group="account",
        label=_("Invitation to Medivoy"),
        subject=_("You are invited to Medivoy"),
        channels=(Channel.EMAIL,),
        transactional=True,
        secrets=("link",),
        example={
            "first_name": "Amina",
            "link": "https://app.example.com/reset?token=abc&x=1",
            "hours": 72,
            "invited_by": "Jonas Weber",
            "role": "coordinator",
        },
    )
)
catalogue.register(
    Kind(
        name="accounts.password_changed",
        group="account",
        label=_("Your password was changed"),
        subject=_("Your Medivoy password was changed"),
        summary=_("Your password was changed and every device was signed out."),
        transactional=True,
        example={"first_name": "Amina", "at": "2031-01-06T03:30:00+00:00"},
    )
)

FILE_INFECTED = catalogue.register(
    Kind(
        name="media.file_infected",
        group="account",
        label=_("A virus was found in a file of yours"),
        subject=_("A file that you uploaded cannot be used"),
        summary=_("A virus was found in it. Nobody can open it; please check your device and send a clean copy."),
        transactional=True,
        example={"uploaded_at": "2031-01-06T03:30:00+00:00"},
    )
)
INFECTED_FILE_FOUND = catalogue.register(
    Kind(
        name="media.infected_file_found",
        group="account",
        label=_("A virus was found in an uploaded file"),
        subject=_("A virus was found in an uploaded file"),
        summary=_("The scanner found %(threat)s in file %(file)s. It is in quarantine; the media library shows it."),
        transactional=True,
        example={"threat": "Eicar-Test-Signature", "file": "019a0b5e-7a10-7c3e-9d41-5b8f0c2e7a11"},
    )
)
