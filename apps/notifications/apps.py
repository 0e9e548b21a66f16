from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Every app's `notifications.py` puts its kinds into the catalogue; ours also those of accounts, below us."""
        autodiscover_modules("notifications", "receivers")
