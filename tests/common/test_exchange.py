"""Exchange rates: how amounts are converted, what is stored, and what a source may do to us."""

import json
import threading
import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from django.test import override_settings
from django.urls import reverse
from structlog.testing import capture_logs

from apps.common import exchange, redis, tasks
from apps.common.exchange import providers, rates, services, signals
from apps.common.exchange.providers import EuropeanCentralBank, ProviderFailed, RatesFile
from apps.common.exchange.rates import NoRate, Rate, Rates
from apps.common.models import ExchangeRate
from apps.common.money import Money

from .rates_server import RATES, RatesServer, published

FRIDAY = date(2026, 11, 20)
SATURDAY = FRIDAY + timedelta(days=1)
MONDAY = FRIDAY + timedelta(days=3)


def rate(currency="USD", per_euro="1.164", on=FRIDAY, source="ECB"):
    return Rate(currency, on, Decimal(per_euro), source)


def store(*given, today=MONDAY):
    return services.store_rates(given, today=today)


def stored():
    rows = ExchangeRate.objects.order_by("currency", "on").values_list("currency", "on", "per_euro", "source")
    return [(currency, on, Decimal(value).normalize(), source) for currency, on, value, source in rows]


# --- converting ------------------------------------------------------------------------------------------------------

RATES_OF_FRIDAY = Rates(
    [
        rate("USD", "1.164"), rate("JPY", "179.5"), rate("KWD", "0.3574"), rate("INR", "104.8"),
        rate("AED", "4.2", source="peg"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "to", "converted"),
    [
        (Money("100", "EUR"), "USD", Money("116.40", "USD")),
        (Money("116.40", "USD"), "EUR", Money("100", "EUR")),
        (Money("250000", "INR"), "USD", Money("2776.72", "USD")),
        (Money("99.99", "USD"), "JPY", Money("15419", "JPY")),  # no decimal places
        (Money("10", "USD"), "KWD", Money("3.070", "KWD")),  # three
        (Money("10.555", "KWD"), "KWD", Money("10.555", "KWD")),
        (Money("0", "USD"), "JPY", Money("0", "JPY")),
    ],
)
def test_an_amount_is_converted_over_the_euro_and_rounded_to_its_currency(amount, to, converted):
    assert RATES_OF_FRIDAY.convert(amount, to) == converted


def test_a_currency_without_a_rate_is_a_refusal_that_names_it():
    with pytest.raises(NoRate, match="BDT"):
        RATES_OF_FRIDAY.convert(Money("1", "BDT"), "USD")
    with pytest.raises(NoRate):
        RATES_OF_FRIDAY.info("USD", "BDT", today=FRIDAY)
    assert "BDT" not in RATES_OF_FRIDAY
    assert "EUR" in RATES_OF_FRIDAY


@pytest.mark.parametrize(
    ("currencies", "sources"),
    [(("USD", "EUR"), "ECB"), (("AED", "INR"), "ECB, peg"), (("USD", "USD"), None), (("EUR",), None)],
)
def test_it_is_said_whose_rates_were_used(currencies, sources):
    info = RATES_OF_FRIDAY.info(*currencies, today=MONDAY)
    assert info == (sources and {"source": sources, "on": FRIDAY, "is_old": False})


@pytest.mark.parametrize(("days", "is_old"), [(0, False), (10, False), (11, True)])
def test_a_rate_is_old_after_ten_days_and_used_still(days, is_old):
    info = RATES_OF_FRIDAY.info("USD", "EUR", today=FRIDAY + timedelta(days=days))
    assert info["is_old"] is is_old


def test_of_two_rates_the_older_day_is_said():
    mixed = Rates([rate("USD", on=MONDAY), rate("BDT", "142.3", on=FRIDAY, source="demo")])
    assert mixed.info("USD", "BDT", today=MONDAY) == {"source": "ECB, demo", "on": FRIDAY, "is_old": False}


@pytest.mark.parametrize(
    ("new", "taken", "last", "plausible"),
    [
        ("1.30", "1", "1", True),
        ("1.31", "1", "1", False),
        ("0.70", "1", "1", True),
        ("0.69", "1", "1", False),
        ("50", None, None, True),  # the first of its currency
        ("50", "1", "49", True),  # the day before said so too
        ("1", "1", "49", True),  # back to what it was
        ("20", "1", "49", False),
    ],
)
def test_a_rate_jumps_at_most_thirty_percent_unless_two_days_say_so(new, taken, last, plausible):
    before = {"taken": taken and Decimal(taken), "last": last and Decimal(last)}
    assert rates.is_plausible(Decimal(new), **before) is plausible


def test_currencies_pegged_to_the_dollar_follow_it_where_nobody_gives_them():
    derived = rates.pegged([rate("USD", "1.2"), rate("SAR", "4.4"), rate("INR", "104.8")])
    assert {one.currency for one in derived} == {"AED", "BHD", "JOD", "OMR", "QAR"}
    assert Rate("AED", FRIDAY, Decimal("4.407"), "peg") in derived
    assert rates.pegged([rate("INR")]) == []


# --- storing ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestStoring:
    def test_the_same_day_twice_is_stored_once(self):
        assert len(store(rate(), rate("JPY", "179.5")).taken) == 2
        assert store(rate(), rate("JPY", "179.5")) == services.Outcome((), (), ())
        assert len(stored()) == 2

    def test_another_value_for_a_stored_day_is_said_and_not_taken(self):
        store(rate(per_euro="1.164"))
        with capture_logs() as logs:
            outcome = store(rate(per_euro="1.17"))

        assert outcome.differing == (rate(per_euro="1.17000000"),)
        assert stored() == [("USD", FRIDAY, Decimal("1.164"), "ECB")]
        assert [line["event"] for line in logs if line["log_level"] == "error"] == ["exchange_rate_differs_from_stored"]

    def test_the_database_changes_no_stored_rate(self):
        store(rate())
        with pytest.raises(Error, match="Cannot update"), transaction.atomic():
            ExchangeRate.objects.update(per_euro=2)
        assert stored() == [("USD", FRIDAY, Decimal("1.164"), "ECB")]

    def test_a_jump_is_kept_out_and_shown_and_the_old_rate_is_used(self):
        store(rate(per_euro="1.164"))
        with capture_logs() as logs:
            outcome = store(rate(per_euro="11.64", on=SATURDAY), rate("JPY", "179.5", on=SATURDAY))

        assert [one.currency for one in outcome.kept_out] == ["USD"]
        assert exchange.current().per_euro("USD") == Decimal("1.164")
        assert exchange.current().per_euro("JPY") == Decimal("179.5")
        assert ExchangeRate.objects.get(is_kept_out=True).on == SATURDAY
        assert "exchange_rate_kept_out" in [line["event"] for line in logs if line["log_level"] == "error"]

    def test_a_jump_that_the_next_day_says_again_is_taken(self):
        store(rate("EGP", "33", on=FRIDAY))
        store(rate("EGP", "54", on=SATURDAY))
        assert exchange.current().per_euro("EGP") == 33
        store(rate("EGP", "53.5", on=MONDAY))
        assert exchange.current().per_euro("EGP") == Decimal("53.5")

    def test_several_days_at_once_are_judged_in_their_order(self):
        outcome = store(
            rate(per_euro="1.5", on=MONDAY), rate(per_euro="1.0", on=FRIDAY), rate(per_euro="1.25", on=SATURDAY)
        )
        assert [one.on for one in outcome.taken] == [FRIDAY, SATURDAY, MONDAY]

    def test_a_day_missed_before_is_filled_in_and_the_newest_stays(self):
        store(rate(per_euro="1.2", on=MONDAY))
        store(rate(per_euro="1.1", on=FRIDAY))
        assert exchange.current().per_euro("USD") == Decimal("1.2")
        assert len(stored()) == 2

    def test_what_is_no_currency_or_dated_ahead_is_not_stored(self):
        store(rate("EUR", "1"), rate("XQZ", "2"), rate(on=MONDAY + timedelta(days=2)), rate("JPY", "179.5", on=MONDAY))
        assert [row[0] for row in stored()] == ["JPY"]

    def test_who_keeps_comparable_prices_is_told_once_with_the_new_rates(self):
        heard = []

        def hear(sender, currencies, rates, **kwargs):
            heard.append((currencies, rates.per_euro("USD"), connection.in_atomic_block))

        signals.rates_changed.connect(hear)
        try:
            store(rate())
            store(rate())
        finally:
            signals.rates_changed.disconnect(hear)
        assert heard == [({"USD"}, Decimal("1.164"), True)]

    def test_the_database_itself_can_say_what_an_amount_is_in_euros(self):
        store(rate(per_euro="1.25"), rate("INR", "100"), rate("INR", "900", on=SATURDAY))  # the last is kept out
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT medivoy_in_euro(500, 'INR'), medivoy_in_euro(5, 'USD'), medivoy_in_euro(7, 'EUR'),"
                " medivoy_in_euro(1, 'BDT'), medivoy_in_euro(NULL, 'USD')"
            )
            assert cursor.fetchone() == (5, 4, 7, None, None)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_store_a_day_once():
    """The second waits for the first, and then finds everything stored."""
    outcomes = []

    def second():
        try:
            outcomes.append(store(rate()))
        finally:
            connection.close()

    thread = threading.Thread(target=second)

    def start_second_and_see_it_wait(**kwargs):
        if thread.ident is None:
            thread.start()
            until = time.monotonic() + 10
            with connection.cursor() as cursor:
                while time.monotonic() < until:
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                    if cursor.fetchone()[0]:
                        return
            raise AssertionError("the second run did not wait")

    signals.rates_changed.connect(start_second_and_see_it_wait)
    try:
        first = store(rate())
    finally:
        signals.rates_changed.disconnect(start_second_and_see_it_wait)
        thread.join()
    assert len(first.taken) == 1
    assert outcomes == [services.Outcome((), (), ())]
    assert len(stored()) == 1


# --- the newest rates of a process -----------------------------------------------------------------------------------


@pytest.fixture
def redis_gone(monkeypatch):
    monkeypatch.setattr(redis, "breaker", redis.Breaker(seconds=1000))
    redis.breaker.failed(ConnectionError())


@pytest.mark.django_db
class TestCurrent:
    def test_they_are_read_once(self, django_assert_num_queries):
        store(rate())
        exchange.current()
        with django_assert_num_queries(0):
            assert exchange.current().per_euro("USD") == Decimal("1.164")

    def test_a_change_is_seen_at_once(self):
        store(rate(per_euro="1.1"))
        assert exchange.current().per_euro("USD") == Decimal("1.1")
        store(rate(per_euro="1.2", on=SATURDAY))
        assert exchange.current().per_euro("USD") == Decimal("1.2")

    def test_without_redis_they_are_read_each_time(self, django_assert_num_queries, redis_gone):
        store(rate())
        with django_assert_num_queries(2):
            assert exchange.current().per_euro("USD") == Decimal("1.164")
            assert exchange.current().per_euro("USD") == Decimal("1.164")


@pytest.mark.django_db(transaction=True)
def test_rates_whose_storing_was_undone_are_forgotten():
    store(rate(per_euro="1.1"))

    def fail(**kwargs):
        assert exchange.current().per_euro("USD") == Decimal("1.2")  # as the transaction sees it
        raise RuntimeError("the receiver fails")

    signals.rates_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            store(rate(per_euro="1.2", on=SATURDAY))
    finally:
        signals.rates_changed.disconnect(fail)
    assert exchange.current().per_euro("USD") == Decimal("1.1")


# --- the European Central Bank ---------------------------------------------------------------------------------------


@pytest.fixture
def bank():
    server = RatesServer()
    server.body = published("2026-11-20", RATES)
    yield server
    server.close()


@pytest.mark.django_db
def test_the_daily_job_stores_the_banks_rates_and_the_pegged_ones(bank):
    with override_settings(EXCHANGE_RATES_PROVIDER="ecb", EXCHANGE_RATES_URL=bank.url):
        tasks.fetch_exchange_rates()
        tasks.fetch_exchange_rates()

    assert bank.asked == 2
    assert ("INR", FRIDAY, Decimal("104.8"), "ECB") in stored()
    assert ("AED", FRIDAY, (Decimal("1.164") * Decimal("3.6725")).normalize(), "peg") in stored()
    assert len(stored()) == len(RATES) + len(rates.PEGGED_TO_USD)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Cube xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube time="2026-11-20">
<Cube currency="USD" rate="1.1"/>&b;</Cube></Cube>"""
OUTSIDE = BOMB.replace(b'<!ENTITY a "ha">', b'<!ENTITY a SYSTEM "file:///etc/hostname">')


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 500}, "answered 500"),
        ({"status": 404}, "answered 404"),
        ({"status": 302, "headers": {"Location": "/again"}}, "TooManyRedirects"),
        ({"body": b""}, "not the bank's XML"),
        ({"body": b"<html>Down for maintenance</html>"}, "no rates"),
        ({"body": published("2026-11-20", RATES)[:300]}, "not the bank's XML"),
        ({"body": b"\xff\xfe\x00garbage"}, "not the bank's XML"),
        ({"body": BOMB}, "document type"),
        ({"body": OUTSIDE}, "document type"),
        ({"body": b"<a>" * 200_000}, "not the bank's XML"),
        ({"body": b" " * 1_000_001}, "too large"),
        ({"body": published("yesterday", RATES)}, "not the bank's XML"),
        ({"body": published("2026-11-20", {"USD": "NaN"})}, "not the bank's XML"),
        ({"body": published("2026-11-20", {"USD": "-1.1"})}, "not the bank's XML"),
        ({"body": published("2026-11-20", {"USD": "0"})}, "not the bank's XML"),
        ({"body": published("2026-11-20", {"USD": "1e400"})}, "not the bank's XML"),
        ({"body": published("2026-11-20", {"USD": "1,16"})}, "not the bank's XML"),
        ({"body": b'<Cube xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref" currency="USD"/>'}, "bank's XML"),
        ({"hangs": True}, "ReadTimeout"),
        ({"drips": True}, "took too long"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_an_answer_that_is_no_sound_list_of_rates_is_refused_with_the_reason(bank, answer, why):
    for name, value in answer.items():
        setattr(bank, name, value)
    with pytest.raises(ProviderFailed, match=why):
        EuropeanCentralBank(bank.url, time_limit_seconds=0.3).fetch(today=FRIDAY)


def test_a_server_that_is_not_there_is_a_failure_with_a_name(bank):
    url = bank.url
    bank.close()
    with pytest.raises(ProviderFailed, match="ConnectError"):
        EuropeanCentralBank(url).fetch(today=FRIDAY)


@pytest.mark.django_db
def test_a_failed_fetch_is_logged_and_stores_nothing_and_the_old_rates_stay(bank):
    store(rate())
    bank.status = 503
    with (
        override_settings(EXCHANGE_RATES_PROVIDER="ecb", EXCHANGE_RATES_URL=bank.url),
        capture_logs() as logs,
        pytest.raises(ProviderFailed),
    ):
        tasks.fetch_exchange_rates()

    assert {"event": "exchange_rates_not_fetched", "provider": "ECB", "reason": "the server answered 503"}.items() <= (
        logs[0].items()
    )
    assert exchange.current().per_euro("USD") == Decimal("1.164")


# --- a file ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_demo_has_rates_without_any_network():
    outcome = services.fetch_rates(today=MONDAY)
    assert isinstance(providers.chosen(), RatesFile)
    assert {one.source for one in outcome.taken} == {"demo", "peg"}
    assert {"INR", "TRY", "THB", "AED", "MXN", "USD"} <= {one.currency for one in outcome.taken}
    assert {one.on for one in outcome.taken} == {MONDAY}


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"base": "USD", "source": "x", "rates": {}}', '{"base": "EUR", "source": "x", "rates": 1}',
     '{"base": "EUR", "source": "x", "rates": {"USD": "?"}}',
     '{"base": "EUR", "source": "x", "on": "soon", "rates": {}}'],
)  # fmt: skip
def test_a_file_that_holds_no_rates_is_refused(tmp_path, content):
    path = tmp_path / "rates.json"
    path.write_text(content)
    with pytest.raises(ProviderFailed):
        RatesFile(path).fetch(today=FRIDAY)


def test_a_file_may_say_its_day(tmp_path):
    path = tmp_path / "rates.json"
    path.write_text(
        json.dumps({"base": "EUR", "source": "bank", "on": "2026-11-20", "rates": {"EUR": "1", "USD": "1.1"}})
    )
    assert RatesFile(path).fetch(today=MONDAY) == [rate("USD", "1.1", source="bank")]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ProviderFailed, match="none"):
        RatesFile(tmp_path / "none.json").fetch(today=FRIDAY)


# --- in the admin ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestAdmin:
    def test_a_platform_admin_sees_what_was_kept_out_and_changes_nothing(self, client, platform_admin):
        store(rate(per_euro="1.164"))
        store(rate(per_euro="11.64", on=SATURDAY))
        kept_out = ExchangeRate.objects.get(is_kept_out=True)
        client.force_login(platform_admin)
        rows = reverse("admin:common_exchangerate_changelist")
        page = reverse("admin:common_exchangerate_change", args=(kept_out.pk,))

        shown = client.get(rows, {"is_kept_out__exact": "1"}).content.decode()
        assert "11.64" in shown
        assert "1.16400000" not in shown
        assert "1.16400000" in client.get(rows, {"q": "usd"}).content.decode()
        assert client.get(page).status_code == 200
        assert client.post(page, {"per_euro": "2"}).status_code == 403
        assert client.get(reverse("admin:common_exchangerate_add")).status_code == 403
        assert client.post(reverse("admin:common_exchangerate_delete", args=(kept_out.pk,))).status_code == 403
        kept_out.refresh_from_db()
        assert kept_out.per_euro == Decimal("11.64")

    def test_nobody_else_has_the_page(self, client, coordinator):
        client.force_login(coordinator)
        assert client.get(reverse("admin:common_exchangerate_changelist")).status_code == 403
