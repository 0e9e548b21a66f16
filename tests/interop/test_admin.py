"""The admin's pages of data requests: what becomes of whom before it does, a button to undo it, a hold against it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.interop import services
from apps.interop.models import Closure, DataExport, LegalHold
from apps.interop.selectors import people

NOW = timezone.now


@pytest.fixture
def boss(client, world):
    client.force_login(world.actors["admin"])
    return client


@pytest.fixture
def patient(world):
    return world.rows["patient_a"]


@pytest.fixture
def closure(patient):
    User.objects.filter(pk=patient.user_id).update(is_active=False)
    return Closure.objects.create(patient=patient, erase_at=NOW() + timedelta(days=9))


def page(name, row=None, *more):
    return reverse(f"admin:interop_{name}", args=[row.pk, *more] if row else [])


def test_the_lists_show_whose_and_how_far(boss, closure, patient):
    services.ask_for_export(patient, by=patient.user)
    services.place_hold(patient, reason="A complaint", by=User.objects.get(pk=boss.session["_auth_user_id"]))
    name = User.objects.get(pk=patient.user_id).full_name
    for kind in ("dataexport", "closure", "legalhold"):
        assert name in boss.get(page(f"{kind}_changelist")).content.decode()


def test_a_closures_page_says_what_will_go_and_what_stays_until_when(boss, closure, patient):
    text = boss.get(page("closure_change", closure)).content.decode()
    fates = people.preview(patient, people.kept_until_of(closure), today=closure.erase_at.date())
    assert len(fates) > 20
    for fate in fates:
        assert str(fate.title).lower() in text.lower()
    assert "Identity documents" in text
    assert "GDPR art. 17(3)(c)" in text


def test_an_account_is_reopened_by_its_button(boss, closure, patient):
    address = page("closure_move", closure, "reopened")
    assert boss.post(address, {"seen": "waiting", "note": ""}).status_code == 200, "a reason is asked for"
    boss.post(address, {"seen": "waiting", "note": "Changed their mind"})
    closure.refresh_from_db()
    assert (closure.status, closure.reopening_note) == ("reopened", "Changed their mind")
    assert User.objects.get(pk=patient.user_id).is_active


def test_no_button_erases(boss, closure):
    boss.post(page("closure_move", closure, "erasing"), {"seen": "waiting"})
    closure.refresh_from_db()
    assert closure.status == "waiting"


def test_after_erasure_the_page_names_nobody_and_says_what_was_done(boss, closure, patient):
    name = User.objects.get(pk=patient.user_id).full_name
    Closure.objects.filter(pk=closure.pk).update(erase_at=NOW() - timedelta(days=1))
    services.erase_due(NOW())
    for address in (page("closure_changelist"), page("closure_change", closure)):
        text = boss.get(address).content.decode()
        assert name not in text
        assert f"Erased ({patient.pk.hex[-6:]})" in text
    assert "Medical record: 10 years after the last treatment" in text


def test_a_hold_is_entered_and_lifted(boss, patient):
    boss.post(page("legalhold_add"), {"patient": patient.pk, "reason": "A complaint"})
    hold = LegalHold.objects.get(patient=patient, lifted_at=None)
    refused = boss.post(page("legalhold_add"), {"patient": patient.pk, "reason": "Another"})
    assert "There is a hold on this patient" in refused.content.decode()
    boss.post(page("legalhold_move", hold, "lifted"), {"seen": "standing"})
    hold.refresh_from_db()
    assert hold.lifted_at is not None


def test_a_copy_is_asked_for_and_downloaded_by_whoever_asked(boss, client, world, patient):
    boss.post(page("dataexport_add"), {"patient": patient.pk})
    services.make_exports(NOW())
    export = DataExport.objects.get(patient=patient, status="ready")
    assert "Download" in boss.get(page("dataexport_change", export)).content.decode()
    client.force_login(world.actors["other_admin"])
    text = client.get(page("dataexport_change", export)).content.decode()
    assert "Download" not in text
    assert "Only the patient" in text


@pytest.mark.parametrize("actor", ["coordinator", "support", "hospital_admin_a", "translator"])
def test_others_have_no_such_pages(client, world, closure, actor):
    client.force_login(world.actors[actor])
    for kind in ("dataexport", "closure", "legalhold"):
        assert client.get(page(f"{kind}_changelist")).status_code == 403


def test_the_lists_take_as_many_queries_for_ten_as_for_two(boss, world, django_assert_max_num_queries):
    for kind in ("dataexport", "closure", "legalhold"):
        with django_assert_max_num_queries(20):
            boss.get(page(f"{kind}_changelist"))
