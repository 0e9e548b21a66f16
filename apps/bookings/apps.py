from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    name = "apps.bookings"
    label = "bookings"
    verbose_name = _("Appointments")

    def ready(self) -> None:
        """The page on the system's health also tells of the video rooms."""
        autodiscover_modules("health")
