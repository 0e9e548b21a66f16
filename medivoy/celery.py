"""The Celery application: tasks carry ids only, are acknowledged late, and come back when their worker dies."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")

app = Celery("medivoy")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
