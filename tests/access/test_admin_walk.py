"""The admin, walked through as hospital staff and every other role: pages, filters, searches, autocompletes, actions.

Nothing of another hospital shows anywhere, no page answers 5xx, and what a role's charter does not name is closed.
"""

import re
from io import BytesIO

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse
from openpyxl import load_workbook

from apps.bookings.models import Appointment
from apps.bookings.querysets import AppointmentQuerySet
from apps.clinical.admin import tabs
from apps.clinical.models import ConsentText, LabResult, LabTest, MedicalRecord, Patient, ReadEntry, RecordFile
from apps.clinical.selectors.timeline import Kind
from apps.hospitals.admin import sheets
from apps.hospitals.querysets import (
    AffiliationQuerySet,
    OfHospitalQuerySet,
    PracticeQuerySet,
)
from apps.hospitals.selectors import verification

#: Everyone who enters the admin: side A's hospital staff is the stranger to side B, the others are walked for what
#: their charter does not name.
STAFF = ("hospital_admin_a", "translator", "support", "coordinator", "admin")

#: Of the links that narrow and sort a list so many are followed.
MOST_LINKS = 6

pytestmark = pytest.mark.django_db


def registered():
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def browser(world, actor):
    client = Client(raise_request_exception=False)
    client.force_login(world.actors[actor])
    return client


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def links(html):
    """Every link of the same page with another query: filters, sorting, quick ranges."""
    return {link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]+)"', html)}


def pages_of(world, client, model):
    """Every page of one model: the list, each filter and sort link, searches for others' texts, each row's pages."""
    changelist = url(model, "changelist")
    yield changelist
    first = client.get(changelist)
    if first.status_code != 200:
        return
    for link in sorted(links(first.content.decode()))[:MOST_LINKS]:
        yield changelist + link
    for text in ("kanari", "0", "@", "\u0661", "'\"%"):
        yield f"{changelist}?q={text}"
    yield f"{changelist}?id__exact=not-a-uuid"
    yield f"{changelist}?p=9999999"
    yield f"{changelist}?o=99.-99"
    yield url(model, "add")
    for pk in some_rows(world, model):
        for page in ("change", "history", "delete"):
            yield url(model, page, pk)
    yield url(model, "change", "not-an-id")


def some_rows(world, model):
    """Both sides' rows of a model and a few others: of the same kind more of them show nothing new."""
    named = [row.pk for row in world.rows.values() if type(row) is model][:2]
    return [*dict.fromkeys([*named, *model._base_manager.order_by("pk").values_list("pk", flat=True)[:1]])]


def sheets_of(world, model):
    """The sheets of one model: what goes out, whole and narrowed, and the template."""
    if hasattr(admin.site._registry[model], "export_view"):
        for query in ("", "?q=kanari", "?is_active__exact=1"):
            yield f"{url(model, 'export')}{query}"
        yield url(model, "template")


def verification_pages(world):
    """The queue, and each row that can be verified with its papers, whether it waits or not."""
    yield reverse("verification:queue")
    for kind, (model, *_rest) in verification.KINDS.items():
        yield f"{reverse('verification:queue')}?kind={kind}"
        for row in model._base_manager.all()[:20]:
            yield reverse("verification:item", args=(kind, row.pk))


def calendar_pages(world):
    """The calendars of every hospital and doctor, on the day of each appointment, and the free times of the forms."""
    yield reverse("calendar:choose")
    for appointment in Appointment._base_manager.all():
        day = f"{appointment.starts_at:%Y-%m-%d}"
        yield f"{reverse('calendar:doctor', args=[appointment.doctor_id])}?day={day}"
        yield f"{reverse('calendar:hospital', args=[appointment.hospital_id])}?day={day}&all=1"
        yield url(Appointment, "reschedule", appointment.pk)
        yield (
            f"{reverse('admin:bookings_appointment_free')}?doctor={appointment.doctor_id}"
            f"&hospital={appointment.hospital_id}&patient={appointment.patient_id}"
        )


def record_pages(world):
    """What hangs on a patient beside the models' own pages: tabs, the timeline narrowed and printed, files, exports."""
    for patient in Patient._base_manager.all():
        for name in tabs.names():
            yield url(Patient, "tab", patient.pk, name)
        timeline = reverse("timeline:patient", args=[patient.pk])
        yield from (
            timeline,
            f"{timeline}?print=1",
            f"{timeline}?before=x",
            *(f"{timeline}?kind={kind}" for kind in Kind),
        )
    for file in RecordFile._base_manager.all():
        yield url(MedicalRecord, "file", file.record_id, file.file_id)
    for result in LabResult._base_manager.all():
        yield url(LabTest, "schedule", result.lab_test_id)
        yield url(LabTest, "result", result.lab_test_id)
        yield url(LabTest, "file", result.lab_test_id, result.version)
    for text in ConsentText._base_manager.all():
        yield url(ConsentText, "preview", text.pk, "ar")
    yield url(ReadEntry, "export")


def whole_text(response):
    """What was answered, in words, whether it came at once, in pieces, or packed."""
    if response.get("Content-Type") == sheets.CONTENT_TYPE:
        return sheet_text(response)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def sheet_text(response):
    """What a sheet says in its cells, for it is packed."""
    book = load_workbook(BytesIO(response.content))
    return " ".join(str(cell.value) for page in book for row in page.rows for cell in row if cell.value is not None)


def autocompletes():
    """Every autocomplete query that a form of the admin can send."""
    for model in registered():
        for field in model._meta.get_fields():
            if (
                getattr(field, "remote_field", None)
                and getattr(field, "concrete", False)
                and field.remote_field.model in admin.site._registry
            ):
                yield (
                    f"{reverse('admin:autocomplete')}?app_label={model._meta.app_label}"
                    f"&model_name={model._meta.model_name}&field_name={field.name}"
                )


def walk(world, actor, *, is_control=False):
    """What is wrong: (url, what) for each page with a 5xx or a canary that the actor may not read. A control ends with
    the first one."""
    client, found, opened = browser(world, actor), [], 0
    urls = [reverse("admin:index"), *autocompletes()]
    for model in registered():
        urls += [*pages_of(world, client, model), *sheets_of(world, model)]
    urls += verification_pages(world)
    urls += calendar_pages(world)
    urls += record_pages(world)
    for model in {model._meta.app_label: model for model in registered()}.values():
        try:
            urls.append(reverse("admin:app_list", args=[model._meta.app_label]))
        except NoReverseMatch:
            continue
    for address in urls:
        response = client.get(address)
        text = whole_text(response)
        opened += response.status_code == 200
        if response.status_code >= 500:
            found.append((address, response.status_code))
        leaked = world.foreign(actor, text + str(dict(response.headers)))
        if leaked:
            found.append((address, sorted(leaked)))
        if found and is_control:
            break
    return found, opened


@pytest.mark.parametrize("actor", STAFF)
def test_no_page_shows_what_the_charter_does_not_name(world, actor):
    found, opened = walk(world, actor)

    assert found == []
    assert opened > 1, "the walk saw nothing: it proves nothing"


@pytest.mark.parametrize("actor", ["patient_a", "doctor_a"])
def test_patients_and_doctors_do_not_enter_the_admin(world, actor):
    client = browser(world, actor)
    for model in registered():
        assert client.get(url(model, "changelist")).status_code in {302, 403}


def test_an_action_on_anothers_rows_does_nothing(world):
    """A forged form: the ids of side B in an action that side A's staff may run on its own rows."""
    client = browser(world, "hospital_admin_a")
    for model in registered():
        options = admin.site._registry[model]
        before = list(model._base_manager.order_by("pk").values())
        for action in (
            [name for name, *_ in options._get_base_actions()] if hasattr(options, "_get_base_actions") else []
        ):
            rows = [str(row.pk) for name, row in world.rows.items() if name.endswith("_b") and isinstance(row, model)]
            client.post(
                url(model, "changelist"),
                {"action": action, "_selected_action": rows, "post": "yes", "index": 0, "select_across": 0},
            )
        assert list(model._base_manager.order_by("pk").values()) == before, model._meta.label


@pytest.mark.parametrize(
    ("queryset", "name"),
    [
        (AppointmentQuerySet, "appointments"),
        (PracticeQuerySet, "hours"),
        (AffiliationQuerySet, "affiliations"),
        (OfHospitalQuerySet, "accreditations and papers"),
    ],
)
def test_control_an_unscoped_queryset_shows_in_the_walk(world, monkeypatch, queryset, name):
    monkeypatch.setattr(queryset, "visible_to", lambda self, user: self)

    found, _opened = walk(world, "hospital_admin_a", is_control=True)

    assert found != [], name
