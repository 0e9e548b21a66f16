"""Settlements in the admin: who sees which, the second confirmation, the run's progress, the statement."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.billing import services
from apps.billing.models import CommissionRate, Settlement, SettlementRun

from .settling import UNTIL, captured, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def settlement(hospital):
    rate(hospital)
    captured(hospital, "1234.50")
    return services.prepare_settlement(hospital, "USD", UNTIL, by=None)


@pytest.fixture
def approved(settlement, platform_admin):
    return services.approve_settlement(settlement, confirmed=settlement.total, by=platform_admin)


def page(row, name="change", *more):
    return reverse(f"admin:billing_{row._meta.model_name}_{name}", args=(row.pk, *more))


def listing(model):
    return reverse(f"admin:billing_{model._meta.model_name}_changelist")


def shown(response):
    return response.content.decode()


def test_a_hospitals_staff_see_their_own_and_nobody_elses(browser, approved, hospital_admin, other_hospital_admin):
    own, other = browser(hospital_admin), browser(other_hospital_admin)
    assert approved.number in shown(own.get(listing(Settlement)))
    assert "$1,111.05" in shown(own.get(page(approved)))
    assert approved.number not in shown(other.get(listing(Settlement)))
    assert other.get(page(approved)).status_code == 302
    assert other.get(page(approved, "statement")).status_code == 404


def test_a_draft_is_medivoys_own(browser, settlement, hospital_admin, coordinator):
    assert settlement.number not in shown(browser(hospital_admin).get(listing(Settlement)))
    assert browser(hospital_admin).get(page(settlement, "statement")).status_code == 404
    assert settlement.number in shown(browser(coordinator).get(listing(Settlement)))


@pytest.mark.parametrize("who", ["hospital_admin", "coordinator"])
def test_only_admins_move_one(browser, approved, request, who):
    client = browser(request.getfixturevalue(who))
    assert client.post(page(approved, "move", "paid"), {"seen": "approved"}).status_code in {302, 403}
    approved.refresh_from_db()
    assert approved.status == "approved"


def test_the_page_explains_the_sum_and_names_each_bill(browser, settlement, platform_admin):
    found = shown(browser(platform_admin).get(page(settlement)))
    for words in ("Collected from payers", "less commission", "$1,111.05", settlement.lines.get().bill.number):
        assert words in found


def test_an_approval_asks_for_the_total_again(browser, settlement, platform_admin):
    client, address = browser(platform_admin), page(settlement, "move", "approved")
    asked = shown(client.get(address))
    assert "The total once more" in asked
    assert "1,111.05" not in asked

    for confirmed, status in (("", "draft"), ("1111.06", "draft"), ("1111.05", "approved")):
        client.post(address, {"seen": "draft", "confirmed": confirmed})
        settlement.refresh_from_db()
        assert settlement.status == status


def test_the_transfer_is_entered_with_its_reference(browser, approved, platform_admin):
    client, address = browser(platform_admin), page(approved, "move", "paid")
    given = {"seen": "approved", "confirmed": "1111.05", "reference": "", "paid_on": timezone.now().date().isoformat()}
    assert client.post(address, given).status_code == 200
    client.post(address, given | {"reference": "TRF-77"})
    approved.refresh_from_db()
    assert (approved.status, approved.reference) == ("paid", "TRF-77")


def test_a_draft_is_discarded_with_a_reason(browser, settlement, platform_admin):
    client, address = browser(platform_admin), page(settlement, "move", "discarded")
    client.post(address, {"seen": "draft", "note": ""})
    client.post(address, {"seen": "draft", "note": "Wrong rate"})
    settlement.refresh_from_db()
    assert settlement.status == "discarded"
    assert "Wrong rate" in shown(client.get(page(settlement)))


def test_a_run_is_started_and_its_page_says_how_far_it_is(browser, hospital, platform_admin):
    rate(hospital)
    captured(hospital)
    client = browser(platform_admin)
    assert "2026" in shown(client.get(reverse("admin:billing_settlementrun_add")))
    client.post(reverse("admin:billing_settlementrun_add"), {"until_on": UNTIL.isoformat()})
    run = SettlementRun.objects.get()
    assert "0 of 1" in shown(client.get(page(run)))
    services.work_off_settlement_runs()
    found = shown(client.get(page(run)))
    assert "1 of 1" in found
    assert Settlement.objects.get().number in found


def test_a_day_that_is_not_over_is_refused_on_the_page(browser, platform_admin):
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    response = browser(platform_admin).post(
        reverse("admin:billing_settlementrun_add"), {"until_on": tomorrow.isoformat()}
    )
    assert response.status_code == 200
    assert "not over yet" in shown(response)
    assert not SettlementRun.objects.exists()


def test_a_rate_is_entered_by_an_admin_and_stays(browser, hospital, platform_admin, hospital_admin, coordinator):
    given = {"hospital": hospital.pk, "percent": "12.5", "from_on": "2026-10-01"}
    for person in (hospital_admin, coordinator):
        assert browser(person).post(reverse("admin:billing_commissionrate_add"), given).status_code == 403
    browser(platform_admin).post(reverse("admin:billing_commissionrate_add"), given)
    entered = CommissionRate.objects.get()
    assert (entered.percent, entered.entered_by) == (Decimal("12.5"), platform_admin)
    browser(platform_admin).post(page(entered), given | {"percent": "1"})
    entered.refresh_from_db()
    assert entered.percent == Decimal("12.5")


@pytest.mark.django_db(transaction=True)
def test_the_statement_is_downloaded_by_the_hospitals_staff(browser, approved, hospital_admin):
    response = browser(hospital_admin).get(page(approved, "statement"))
    assert response.content.startswith(b"%PDF")
    assert approved.number in response["Content-Disposition"]
