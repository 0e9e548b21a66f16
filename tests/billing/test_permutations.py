"""Webhooks that come 1 to 5 times each, shuffled, eight at a time, end as the same told once and in order.

`MEDIVOY_PERMUTATIONS=1000` runs so many. After them nothing is asked of a gateway but what a worker asks for by itself.
"""

import itertools
import os
import pprint
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.billing import rules, services
from apps.billing.models import MoneyTask, WebhookEvent
from tests.billing.histories import differences_from_books, live, story
from tests.billing.paying import work

pytestmark = pytest.mark.django_db(transaction=True)
PERMUTATIONS = int(os.environ.get("MEDIVOY_PERMUTATIONS", "42"))
AT_ONCE, SIDE_BY_SIDE = 8, 21


def receive(webhook):
    code, body, headers = webhook
    services.receive_webhook(code, body, headers)
    services.apply_webhooks()


def in_order(lived):
    for webhook in itertools.chain.from_iterable(each.webhooks for each in lived):
        receive(webhook)
    work()


def shuffled(lived, chance):
    """All of them at once: of each payment in another order, and those of the payments among each other."""
    copies = [webhook for each in lived for webhook in each.webhooks for _copy in range(chance.randint(1, 5))]
    chance.shuffle(copies)

    def run(share):
        try:
            for webhook in share:
                receive(webhook)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, [copies[number::AT_ONCE] for number in range(AT_ONCE)]))
    # What was parked for a while is tried again, as it would be within the hour.
    WebhookEvent.objects.filter(status="parked").update(next_attempt_at="2000-01-01T00:00:00Z")
    work()
    return len(copies)


def compare(fake, payer, seeds):
    """The payments whose end differs, and how many deliveries there were."""
    told, jumbled = ([live(fake, payer, seed) for seed in seeds] for _twin in range(2))
    in_order(told)
    delivered = shuffled(jumbled, random.Random(seeds[0]))
    differing = {}
    for seed, one, other in zip(seeds, told, jumbled, strict=True):
        left, right = story(one.payment), story(other.payment)
        if unlike := {name: (left[name], right[name]) for name in left if left[name] != right[name]}:
            differing[seed] = (one.payment.gateway, unlike)
    wrong = differences_from_books(fake, [each.payment for each in (*told, *jumbled)])
    return differing, wrong, delivered


@pytest.mark.parametrize("first", range(0, PERMUTATIONS, SIDE_BY_SIDE))
def test_any_order_ends_as_the_order_in_which_it_happened(patient, fake_gateway, first):
    seeds = list(range(first, min(first + SIDE_BY_SIDE, PERMUTATIONS)))
    differing, wrong, delivered = compare(fake_gateway, patient.user, seeds)
    assert differing == {}, pprint.pformat(differing, width=160)
    assert wrong == {}
    assert delivered > len(seeds)
    assert not MoneyTask.objects.filter(kind="mismatch").exists()
    assert set(WebhookEvent.objects.values_list("status", flat=True)) <= {"applied", "ignored"}


def test_control_where_the_last_news_wins_the_order_matters(patient, fake_gateway, monkeypatch):
    monkeypatch.setattr(rules, "further", lambda before, news: news)
    differing, _wrong, _count = compare(fake_gateway, patient.user, list(range(SIDE_BY_SIDE)))
    assert differing
