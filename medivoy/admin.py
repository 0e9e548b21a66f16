"""Jobs in the admin: celery-beat's table of what runs when, with the last run; switched on and off, and run by hand.

What runs and when is said in `medivoy/beat.py`, and beat writes it into this table at every start, so times are shown
here and not edited. Celery-beat's own pages for intervals and crontabs are taken away for the same reason, Django's for
groups because roles are written in `accounts.roles`, and django-otp's because they show secrets.
"""

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
    SolarSchedule,
)
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from kombu.exceptions import OperationalError

from apps.common import audit
from apps.common.admin import BaseModelAdmin
from apps.common.exceptions import Unavailable

from .celery import app

for model in (
    ClockedSchedule, CrontabSchedule, IntervalSchedule, SolarSchedule, PeriodicTask, Group, StaticDevice, TOTPDevice,
):  # fmt: skip
    admin.site.unregister(model)


@admin.register(PeriodicTask)
class JobAdmin(BaseModelAdmin):
    """One line a job of `medivoy/beat.py`."""

    list_display = ("name", "task", "runs", "enabled", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    search_fields = ("name", "task")
    ordering = ("name",)
    actions = ("switch_on", "switch_off", "run_now")
    fields = ("name", "task", "runs", "enabled", "description", "last_run_at", "total_run_count", "args", "kwargs")
    readonly_fields = ("name", "task", "runs", "last_run_at", "total_run_count", "args", "kwargs")

    def rows(self, request: HttpRequest) -> QuerySet:
        """Every job, for whoever may open the page: celery-beat's table has no scope of its own."""
        return PeriodicTask.objects.select_related("interval", "crontab", "solar", "clocked")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("runs"))
    def runs(self, job: PeriodicTask) -> str:
        return str(job.crontab.human_readable if job.crontab else job.scheduler or "–")

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, jobs: QuerySet) -> None:
        self._switch(request, jobs, to=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, jobs: QuerySet) -> None:
        self._switch(request, jobs, to=False)

    def _switch(self, request: HttpRequest, jobs: QuerySet, *, to: bool) -> None:
        for job in jobs:
            audit.record("job.switched_on" if to else "job.switched_off", job, actor=request.user, name=job.name)
        count = jobs.update(enabled=to)
        PeriodicTasks.update_changed()
        messages.success(
            request, ngettext("%(count)s job is changed.", "%(count)s jobs are changed.", count) % {"count": count}
        )

    @admin.action(description=_("Run now"), permissions=["change"])
    def run_now(self, request: HttpRequest, jobs: QuerySet) -> None:
        """Puts the jobs into the workers' queue. Every job may run twice at once: it claims its rows first."""
        count = 0
        for job in jobs:
            try:
                app.send_task(job.task, args=json.loads(job.args), kwargs=json.loads(job.kwargs), queue=job.queue)
            except OperationalError as error:
                raise Unavailable() from error
            audit.record("job.run_by_hand", job, actor=request.user, name=job.name)
            count += 1
        messages.success(
            request, ngettext("%(count)s job is queued.", "%(count)s jobs are queued.", count) % {"count": count}
        )
