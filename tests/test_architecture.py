"""The house stays readable: each file is where its name is looked for, and each thing is done in its one place.

Every rule is also shown a small offender (the controls), so that none of them can pass by seeing nothing.
"""

import ast

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet

from tests import architecture as house

OURS = ("common", "media", "accounts", "notifications", "hospitals", "clinical", "bookings", "interop")
SOURCES = house.modules("apps", "medivoy")

#: One room per concern: file or folder names directly in an app.
ROOMS = {
    "__init__", "admin", "apps", "exceptions", "filters", "models", "notifications", "permissions", "querysets",
    "receivers", "rules", "selectors", "serializers", "services", "signals", "tasks", "templatetags", "translation",
    "urls", "validators", "views", "workflow", "management",
}  # fmt: skip
#: Rooms that one app has for what is its own.
OWN_ROOMS = {
    "common": {
        "api", "audit", "cache", "documents", "encryption", "exchange", "health", "idempotency", "ids", "logs",
        "metrics", "middleware", "money", "postgresql", "ranges", "redis", "requests", "search", "texts", "throttling",
        "wall_time",
    },
    "media": {"contents", "health", "links", "scanning", "storage", "uploads"},
    "accounts": {
        "admin_site", "authentication", "hashers", "middleware", "roles", "second_factor", "tokens", "validators",
    },
    "notifications": {"backends", "catalogue", "channels", "rendering"},
    "clinical": {"allergy_classes", "documents", "insurers", "lab_reference", "sight"},
    "billing": {"documents", "gateways", "payables", "recipients"},
    "bookings": {"calendar_files", "health", "public_holidays", "slots", "teleconsult"},
    "interop": {"fhir", "retention"},
}  # fmt: skip

#: Querysets in views and admin that are scoped by something else than a scope's name, and by what.
SCOPED_OTHERWISE = {
    ("apps/accounts/views/signing_in.py", "Session"): "filtered by the caller",
    ("apps/accounts/admin_site/gate.py", "User"): "the person who gave the password and owes the second factor",
    ("apps/bookings/admin/appointments.py", "User"): "inside a condition on appointments that are scoped already",
    ("apps/bookings/admin/appointments.py", "Patient"): "inside a condition on appointments that are scoped already",
    ("apps/hospitals/admin/files.py", "StoredFile"): "what the row in hand refers to already",
    ("apps/clinical/admin/reading.py", "model"): "rows that the admin's scope has given, for the log of readings",
    ("apps/billing/views/bills.py", "BillLine"): "of a bill that the caller's scope has given",
    ("apps/billing/views/bills.py", "Instalment"): "of a bill that the caller's scope has given",
    (
        "apps/billing/views/payments.py",
        "Payment",
    ): "what the caller has just begun; a page that says how it stands, no more",
    ("apps/common/admin/scope.py", "model"): "this is where the admin's scope is put on",
    ("apps/common/admin/history.py", "AuditEntry"): "the trail of an object that the admin's scope has given",
}

#: Rows that are everyone's to see, and why.
_REFERENCE = "reference data without anything about anyone"
PUBLIC = dict.fromkeys(
    (
        "hospitals.Specialty", "hospitals.Procedure", "hospitals.TreatmentCategory", "hospitals.AccreditationBody",
    ),
    _REFERENCE,
)  # fmt: skip


def tree(path):
    return ast.parse((house.ROOT / path).read_text())


def offences(rule, paths):
    return [f"{path}:{found}" for path in paths for found in rule(tree(path))]


# --- files -----------------------------------------------------------------------------------------------------------


def test_every_file_of_an_app_is_a_room_that_one_can_guess():
    strangers = []
    for path in SOURCES:
        if path.parts[0] == "apps" and len(path.parts) > 2:
            room = path.parts[2].removesuffix(".py")
            if room not in ROOMS | OWN_ROOMS.get(path.parts[1], set()):
                strangers.append(str(path))
    assert strangers == []


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils", "helpers", "misc", "tools", "functions", "lib"}
    assert [str(path) for path in SOURCES if drawers & {part.removesuffix(".py") for part in path.parts}] == []


def test_no_module_is_longer_than_one_reads_at_a_sitting():
    lengths = {str(path): len((house.ROOT / path).read_text().splitlines()) for path in SOURCES}
    settings = lengths.pop("medivoy/settings.py")
    assert settings < 530, "one file by design"
    assert {path: length for path, length in lengths.items() if length > house.LONGEST_MODULE} == {}


# --- code ------------------------------------------------------------------------------------------------------------

RULES = {
    house.relations_by_text: SOURCES,
    house.status_assignments: [
        path for path in SOURCES if str(path) not in house.MOVES and path.parts[:2] != ("medivoy", "fake_gateway")
    ],
    house.local_imports: [path for path in SOURCES if str(path) != "medivoy/apps.py"],
    house.row_receivers: SOURCES,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_code_breaks_the_rule(rule):
    assert offences(rule, RULES[rule]) == []


def is_entry(path):
    return len(path.parts) > 2 and path.parts[2].removesuffix(".py") in {"views", "admin", "admin_site"}


def test_views_and_admin_read_rows_through_a_scope():
    entries = [path for path in SOURCES if is_entry(path)]
    assert entries
    found = [(str(path), offence) for path in entries for offence in house.unscoped_querysets(tree(path))]
    assert [pair for pair in found if (pair[0], pair[1].split(":")[0]) not in SCOPED_OTHERWISE] == []
    used = {(path, offence.split(":")[0]) for path, offence in found}
    assert set(SCOPED_OTHERWISE) - used == set(), "an exception that nothing needs"


def test_every_signal_is_in_the_list_of_architecture_md():
    listed = (house.ROOT / "ARCHITECTURE.md").read_text()
    declared = [
        f"{'.'.join(path.parts[1:]).removesuffix('.py')}.{name}"
        for path in SOURCES
        for name in house.declared_signals(tree(path))
    ]
    assert "accounts.signals.user_registered" in declared
    assert [signal for signal in declared if f"`{signal}`" not in listed] == []


CONTROLS = {
    house.relations_by_text: [
        "class A(models.Model):\n    b = models.ForeignKey('bookings.B', on_delete=CASCADE)",
        "class A(models.Model):\n    b = ManyToManyField(B, through='other.Link')",
        "class A(models.Model):\n    b = models.OneToOneField(to='B')",
    ],
    house.status_assignments: [
        "appointment.status = 'cancelled'",
        "a, self.status = 1, 2",
        "self.status: str = 'x'",
        "def f(booking):\n    booking.status = new",
    ],
    house.local_imports: ["def f():\n    import os", "class A:\n    def f(self):\n        from . import services"],
    house.row_receivers: [
        "from django.db.models.signals import post_save",
        "from django.db.models import signals\nsignals.pre_delete.connect(f)",
    ],
    house.unscoped_querysets: [
        "queryset = Doctor.objects.all()",
        "rows = list(Doctor.objects.filter(pk=pk))",
        "Doctor._default_manager.get(pk=pk)",
        "get_object_or_404(Doctor.objects, pk=pk)",
        "Doctor.objects.filter(hospital__in=Hospital.objects.visible_to(user))",
    ],
    house.declared_signals: ["happened = Signal()", "happened = dispatch.Signal()"],
}
ALLOWED = {
    house.relations_by_text: [
        "class A(models.Model):\n    b = models.ForeignKey(settings.AUTH_USER_MODEL)",
        "class A(models.Model):\n    b = ManyToManyField(B, through='Link')\nclass Link: ...",
    ],
    house.status_assignments: ["status = 1", "x.state = 2", "x.status == 3", "f(status=1)"],
    house.local_imports: ["import os\ndef f(): ..."],
    house.row_receivers: ["from .signals import user_registered"],
    house.unscoped_querysets: [
        "Doctor.objects.visible_to(user).filter(pk=pk)",
        "queryset = Doctor.objects.none()",
        "Hospital.objects.filter(x=1).listed()",
    ],
    house.declared_signals: ["happened = signal()"],
}


def cases(table):
    return [
        pytest.param(rule, source, id=f"{rule.__name__}: {source[:40]}") for rule in table for source in table[rule]
    ]


@pytest.mark.parametrize(("rule", "source"), cases(CONTROLS))
def test_control_the_rule_sees_an_offender(rule, source):
    assert list(rule(ast.parse(source)))


@pytest.mark.parametrize(("rule", "source"), cases(ALLOWED))
def test_control_the_rule_lets_others_be(rule, source):
    assert list(rule(ast.parse(source))) == []


# --- models ----------------------------------------------------------------------------------------------------------

#: Links of many-to-many fields are Django's own rows, also where a proxy gives them a trigger: they are seen with the
#: rows that they link.
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model._meta.concrete_model._meta.auto_created
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_says_who_sees_its_rows_and_shows_strangers_none(model):
    """Asked of the SQL: a scope that gives nothing is not even sent to the database."""
    scope = model._default_manager.visible_to
    if model._meta.label in PUBLIC:
        return
    with pytest.raises(EmptyResultSet):
        str(scope(AnonymousUser()).query)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_rows_with_unguessable_ids_or_none_that_leave_the_house(model):
    """Public ids are UUIDs; the platform's own append-only tables count up, and appear in no URL of the API."""
    kind = model._meta.pk.get_internal_type()
    counted = {
        "common.AuditEntry", "common.IdempotencyKey", "bookings.CalendarCheck", "bookings.AppointmentReminder",
        "accounts.Authenticator", "clinical.ReadEntry", "clinical.ReadSeal",
    }  # fmt: skip
    assert kind == "UUIDField" or model._meta.label in counted
