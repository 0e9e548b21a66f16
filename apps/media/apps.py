from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "apps.media"
    label = "media"
    verbose_name = _("Media")

    def ready(self) -> None:
        """The page on the system's health also tells of the scanner."""
        autodiscover_modules("health")
