from django.apps import AppConfig


class MedivoyConfig(AppConfig):
    name = "medivoy"
    verbose_name = "Medivoy"

    def ready(self) -> None:
        from . import celery  # noqa: F401, PLC0415  (Celery's app must exist before tasks are called)
