"""Puts our site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class MedivoyAdminConfig(AdminConfig):
    default_site = "apps.accounts.admin_site.MedivoyAdminSite"
