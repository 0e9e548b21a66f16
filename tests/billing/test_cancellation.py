"""Cancelling what was sold: what is kept stays, the rest goes back, once; and what the payer is told before."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.billing import exceptions, selectors, services
from apps.billing.models import (
    CancellationPolicy,
    CancellationPolicyVersion,
    CancellationTier,
    MoneyTask,
    Payment,
    Refund,
)
from apps.common.exceptions import Forbidden
from apps.notifications.models import Message
from tests.billing.refunding import TERMS, bill_of, captured, figures, offline, usd

pytestmark = pytest.mark.django_db


def cancel(bill, actor="patient", **changes):
    return services.cancel_and_refund(
        bill.pk, **{"actor": actor, "by": bill.payer, "reason": "Plans changed"} | changes
    )


def given(refunds):
    return [(refund.payment_id, refund.amount) for refund in refunds]


def test_in_time_everything_goes_back_and_the_bill_is_cancelled():
    bill = bill_of()
    payment = captured(bill=bill)
    assert given(cancel(bill)) == [(payment.pk, 100)]
    bill.refresh_from_db()
    assert (bill.status, bill.credited, bill.cancelled_as) == ("cancelled", 100, "patient")
    assert figures(payment)["refunding"] == 100


def test_late_half_is_kept_and_the_bill_amounts_to_that():
    bill = bill_of(begins_in=timedelta(hours=5))
    captured(bill=bill)
    [refund] = cancel(bill)
    bill.refresh_from_db()
    assert (refund.amount, refund.cause, bill.credited, bill.paid) == (50, "cancellation", 50, 100)
    assert bill.status == "overpaid"
    assert bill.balance == usd("-50")


def test_what_was_kept_of_a_cancelled_one_is_credited_too_when_the_bill_is_called_off():
    bill = bill_of(begins_in=timedelta(hours=5))
    captured(bill=bill)
    cancel(bill)
    services.cancel_bill(bill.pk, by=None, reason="Given back after all")
    bill.refresh_from_db()
    assert (bill.status, bill.credited, bill.balance) == ("cancelled", 100, usd("-100"))


def test_once_it_is_given_back_the_bill_is_paid_with_what_is_kept(fake_gateway):
    bill = bill_of(begins_in=timedelta(hours=5))
    payment = captured(bill=bill, fake=fake_gateway)
    cancel(bill)
    services.send_refunds()
    bill.refresh_from_db()
    assert (bill.status, bill.paid, bill.balance) == ("paid", 50, usd("0"))
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 5000


def test_the_hospital_gives_everything_back_at_any_time():
    bill = bill_of(begins_in=timedelta(hours=-1))
    captured(bill=bill)
    assert [refund.amount for refund in cancel(bill, "hospital")] == [100]


def test_after_the_beginning_a_patient_gets_nothing_and_the_bill_stays_paid():
    bill = bill_of(begins_in=timedelta(hours=-1))
    captured(bill=bill)
    assert cancel(bill) == []
    bill.refresh_from_db()
    assert (bill.status, bill.credited) == ("paid", 0)
    assert cancel(bill, "hospital") == [], "it was decided once"


def test_what_is_owed_yet_falls_away_with_the_rest():
    bill = bill_of(begins_in=timedelta(hours=5))
    captured("40.00", bill=bill)
    assert [refund.amount for refund in cancel(bill)] == [20]
    bill.refresh_from_db()
    assert (bill.credited, bill.balance) == (80, usd("-20"))
    assert not bill.instalments.filter(owed__gt=0).exists()


def test_an_unpaid_bill_is_cancelled_without_a_refund():
    bill = bill_of(begins_in=timedelta(hours=5))
    assert cancel(bill) == []
    bill.refresh_from_db()
    assert bill.status == "cancelled"
    assert not Message.objects.filter(recipient=bill.payer).exists()


def test_said_twice_it_is_done_once():
    bill = bill_of()
    captured(bill=bill)
    first = cancel(bill)
    assert cancel(bill, "platform") == first
    assert Refund.objects.count() == 1


def test_the_newest_payment_gives_first_each_at_its_own_gateway():
    bill = bill_of(begins_in=timedelta(hours=5))
    cash, card, newest = offline("30.00", bill=bill), captured("30.00", bill=bill), captured("40.00", bill=bill)
    assert given(cancel(bill)) == [(newest.pk, 40), (card.pk, 10)]
    assert figures(cash)["refunding"] == 0


def test_what_was_paid_too_much_goes_back_whole_whatever_the_terms():
    bill = bill_of(begins_in=timedelta(hours=-1))
    captured("100.00", bill=bill)
    captured("30.00", bill=bill)
    assert [refund.amount for refund in cancel(bill)] == [30]


def test_what_is_on_its_way_back_already_is_not_given_back_again(coordinator):
    bill = bill_of()
    payment = captured(bill=bill)
    services.request_refund(payment.pk, usd("60"), by=coordinator, cause="staff", reason="Goodwill")
    assert [refund.amount for refund in cancel(bill)] == [40]
    assert figures(payment)["refunding"] == 100


def test_what_a_dispute_withholds_is_a_task():
    bill = bill_of()
    payment = captured(bill=bill)
    Payment.objects.filter(pk=payment.pk).update(withheld=Decimal(100))
    assert cancel(bill) == []
    [task] = MoneyTask.objects.filter(bill=bill)
    assert (task.kind, task.amount) == ("overpayment", 100)


def test_a_cancellation_that_fails_leaves_everything_as_it_was(monkeypatch):
    bill = bill_of()
    payment = captured(bill=bill)

    def broken(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr("apps.billing.services.refunds.notifications.refund_on_its_way", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        cancel(bill)
    bill.refresh_from_db()
    assert (bill.status, bill.cancelled_at) == ("paid", None)
    assert figures(payment)["refunding"] == 0


# --- the preview ---


@pytest.mark.parametrize(("begins_in", "actor"), [(48, "patient"), (5, "patient"), (-1, "patient"), (5, "hospital")])
def test_the_preview_is_what_then_happens(begins_in, actor):
    bill = bill_of(total="99.99", begins_in=timedelta(hours=begins_in))
    captured("99.99", bill=bill)
    bill.refresh_from_db()
    promised = selectors.cancellation_preview(bill, actor, timezone.now())
    assert promised.refund + promised.kept == promised.paid
    assert sum(refund.amount for refund in cancel(bill, actor)) == promised.refund.amount
    bill.refresh_from_db()
    assert -bill.balance == promised.refund


def test_the_payer_reads_what_comes_back_now_and_when_that_becomes_less(api, patient, coordinator):
    bill = bill_of(patient.user, begins_in=timedelta(hours=48))
    captured(bill=bill)
    for reader in (patient.user, coordinator):
        shown = api(reader).get(f"/api/v1/bills/{bill.pk}/cancellation").json()["data"]
        assert (shown["refund"], shown["kept"], shown["percent"]) == ("100.00", "0.00", 100)
        assert (shown["then_refund"], shown["then_percent"], shown["terms"]) == ("50.00", 50, "Terms 1")
        assert shown["steps_down_at"] == (bill.begins_at - timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    by_hospital = api(patient.user).get(f"/api/v1/bills/{bill.pk}/cancellation?actor=hospital").json()["data"]
    assert (by_hospital["refund"], by_hospital["steps_down_at"]) == ("100.00", None)
    assert api(patient.user).get(f"/api/v1/bills/{bill.pk}/cancellation?actor=nobody").status_code == 400


def test_another_patients_bill_is_not_there_and_a_cancelled_one_says_so(api, patient, other_patient, hospital_admin):
    bill = bill_of(patient.user)
    address = f"/api/v1/bills/{bill.pk}/cancellation"
    assert api(other_patient.user).get(address).status_code == 404
    assert api(hospital_admin).get(address).status_code == 403
    cancel(bill)
    answer = api(patient.user).get(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "billing.bill_cancelled")


# --- policies ---


def tiers(version, rows=TERMS):
    CancellationTier.objects.bulk_create(CancellationTier(version=version, **row) for row in rows)


def policy(hospital=None, subject_type="appointment"):
    return CancellationPolicy.objects.create(name="Ours", subject_type=subject_type, hospital=hospital)


def test_the_hospitals_newest_published_terms_hold_else_the_platforms(hospital, other_hospital, platform_admin):
    def holds(where):
        return selectors.policy_version_for("appointment", where.pk if where else None, timezone.now())

    assert holds(hospital) is None
    default = services.draft_terms(policy().pk, by=platform_admin)
    tiers(default)
    assert holds(hospital) is None, "a draft holds for nobody"
    services.publish_terms(default.pk, by=platform_admin)
    own = policy(hospital)
    first = services.draft_terms(own.pk, by=platform_admin)
    tiers(first)
    services.publish_terms(first.pk, by=platform_admin)
    second = services.draft_terms(own.pk, by=platform_admin)
    assert second.snapshot()[0] == first.snapshot()[0], "a draft begins with what holds"
    assert [holds(each) for each in (hospital, other_hospital, None)] == [first, default, default]
    services.publish_terms(second.pk, by=platform_admin)
    assert holds(hospital) == second
    assert second.snapshot()[1] == "Ours 2"


def test_published_terms_never_change(platform_admin, coordinator):
    version = services.draft_terms(policy().pk, by=platform_admin)
    with pytest.raises(exceptions.TermsIncomplete):
        services.publish_terms(version.pk, by=platform_admin)
    tiers(version)
    with pytest.raises(Forbidden):
        services.publish_terms(version.pk, by=coordinator)
    services.publish_terms(version.pk, by=platform_admin)
    with pytest.raises(exceptions.TermsPublished):
        services.publish_terms(version.pk, by=platform_admin)
    for change in (
        lambda: version.tiers.update(percent=1),
        lambda: version.tiers.all().delete(),
        lambda: tiers(version, [{"actor": "hospital", "hours_before": 0, "percent": 1}]),
        lambda: CancellationPolicyVersion.objects.update(number=7),
        lambda: CancellationPolicyVersion.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match=r"never change|Cannot"), transaction.atomic():
            change()
    assert version.snapshot()[0] == sorted(TERMS, key=lambda row: -row["hours_before"])


def test_what_was_sold_keeps_its_terms(platform_admin):
    version = services.draft_terms(policy().pk, by=platform_admin)
    tiers(version)
    services.publish_terms(version.pk, by=platform_admin)
    bill = bill_of(begins_in=timedelta(hours=5))
    harder = services.draft_terms(version.policy_id, by=platform_admin)
    harder.tiers.update(percent=0)
    services.publish_terms(harder.pk, by=platform_admin)
    captured(bill=bill)
    assert [refund.amount for refund in cancel(bill)] == [50]


def test_a_new_installation_has_terms_for_appointments_and_trips_and_keeps_those_that_were_changed(platform_admin):
    call_command("load_reference_data", verbosity=0)
    call_command("load_reference_data", verbosity=0)
    now = timezone.now()
    for subject_type in ("appointment", "booking"):
        terms, label = selectors.policy_version_for(subject_type, None, now).snapshot()
        assert label.startswith("Medivoy")
        assert {tier["actor"] for tier in terms} >= {"patient", "medically_unfit"}
    assert CancellationPolicyVersion.objects.count() == 2
