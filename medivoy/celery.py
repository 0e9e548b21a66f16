"""The Celery application: tasks carry ids only, are acknowledged late, and come back when their worker dies."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from apps.common import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")

app = Celery("medivoy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
logs.connect_celery()


@setup_logging.connect
def _log_as_the_web_does(**kwargs: Any) -> None:
    """Celery leaves logging alone when someone listens here."""
    logging.config.dictConfig(settings.LOGGING)
