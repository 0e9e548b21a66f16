"""Every kind of row that leads to a patient or an account has a rule for its end, and a place in the copy or a reason.

The models are walked by their foreign keys, whatever the chain; columns that hold an id or an address without being a
foreign key are found by their names.
"""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models

from apps.accounts.models import User
from apps.clinical.models import Patient
from apps.interop import retention

#: A column of this name that is no foreign key leads to a person all the same.
SOFT = re.compile(r"^(to|email|recipient|.*(patient|user|person|owner|actor|reader)(_id|_uuid)?|session_data)$")
#: Columns with such a name that hold something else.
SOMETHING_ELSE = {
    ("clinical.Laboratory", "email"), ("hospitals.Hospital", "email"),
}  # fmt: skip


def targets(model):
    """The models that a row of this one refers to."""
    found = set()
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey) or (
            isinstance(field, models.ManyToManyField) and not field.auto_created
        ):
            found.add(field.related_model._meta.concrete_model)
    return found


def leads_to_a_person(all_models):
    """Those with any chain of foreign keys to a patient or an account, or with a column that says so by its name."""
    reached = {User, Patient}
    for model in all_models:
        for field in model._meta.concrete_fields:
            soft = not isinstance(field, models.ForeignKey) and SOFT.match(field.name)
            if soft and (model._meta.label, field.name) not in SOMETHING_ELSE:
                reached.add(model)
    while True:
        more = {model for model in all_models if model not in reached and targets(model) & reached}
        if not more:
            return reached
        reached |= more


def ours():
    """Django's own rows of a many-to-many field are those of the model that links."""
    everything = {model._meta.concrete_model for model in apps.get_models()}
    return {model for model in everything if not model._meta.auto_created}


def test_every_model_with_a_path_to_a_person_has_a_rule():
    missing = leads_to_a_person(ours()) - retention.ruled()
    assert sorted(model._meta.label for model in missing) == []


def test_no_rule_is_for_a_model_without_such_a_path():
    needless = retention.ruled() - leads_to_a_person(ours())
    assert sorted(model._meta.label for model in needless) == []


def made_up(name, **fields):
    options = type("Meta", (), {"app_label": "interop", "managed": False})
    fields = {name: field() for name, field in fields.items()}
    model = type(name, (models.Model,), {"__module__": __name__, "Meta": options, **fields})
    del apps.all_models["interop"][name.lower()]
    return model


@pytest.mark.parametrize(
    "fields",
    [
        {"patient": lambda: models.ForeignKey(Patient, models.CASCADE, related_name="+")},
        {"by": lambda: models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")},
        {"entry": lambda: models.OneToOneField(LogEntry, models.CASCADE, related_name="+")},
        {"patient_id": models.UUIDField},
        {"recipient": lambda: models.CharField(max_length=9)},
    ],
    ids=lambda fields: next(iter(fields)),
)
@pytest.mark.filterwarnings("ignore:Model .* was already registered")
def test_control_a_made_up_model_with_a_path_is_caught(fields):
    model = made_up("MadeUp", **fields)
    assert leads_to_a_person(ours() | {model}) - retention.ruled() == {model}


@pytest.mark.parametrize("kept", retention.TABLE, ids=lambda kept: kept.label)
def test_every_rule_names_paths_columns_and_guards_that_exist(kept):
    if kept.special != "caught_emails":
        assert bool(kept.patient) != bool(kept.user)
        str(kept.rows(Patient(user=User())).filter(kept.only).values(*(kept.columns or ["pk"])).query)
        end = kept.rows(Patient(user=User())).query.names_to_path(
            (kept.patient or kept.user).split("__"), kept.model._meta
        )[1]
        person = Patient if kept.patient else User
        assert end.related_model is person if end.is_relation else end.model is person
    for column in (*kept.scrub, *kept.files):
        kept.model._meta.get_field(column)
    triggers = {trigger.name for trigger in kept.model._meta.triggers} if hasattr(kept.model._meta, "triggers") else ()
    assert set(kept.guards) <= set(triggers)


def test_rows_go_before_the_rows_they_refer_to():
    goes = [kept.model for kept in retention.TABLE if not kept.scrub and not kept.special]
    places = {model: goes.index(model) for model in goes}
    wrong = [
        (model._meta.label, target._meta.label)
        for model, place in places.items()
        for target in targets(model)
        if target in places and target is not model and places[target] < place
    ]
    assert wrong == []


def test_what_goes_later_is_referred_to_by_nothing_that_stays_longer():
    """A consent names its guardian, so the guardian stays as long as the consent."""
    order = {None: 0, "medical": 1, "tax": 1, "proof": 2, "evidence": 3}
    until = {
        kept.model: order[kept.until.name if kept.until else None]
        for kept in retention.TABLE
        if not kept.scrub and not kept.special
    }
    wrong = [
        (model._meta.label, target._meta.label)
        for model, stays in until.items()
        for target in targets(model)
        if target in until and until[target] < stays
    ]
    assert wrong == []


def test_what_is_in_the_copy_or_left_out_is_said_of_every_kind():
    for kept in retention.TABLE:
        assert bool(kept.left_out) != (kept in retention.exported())
    for basis in {kept.until for kept in retention.TABLE if kept.until}:
        assert re.search(r"GDPR art\. 17\(3\)", basis.law)
