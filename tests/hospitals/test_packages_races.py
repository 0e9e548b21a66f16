"""Two people change an offer or a package at the same instant: one after the other, and nothing gets mixed.

Real connections and commits, with controls without the lock, as in test_races.
"""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from apps.hospitals import services
from apps.hospitals.models import Offer, Package
from apps.hospitals.services import packages
from tests.factories.catalogue import PackageFactory, TreatmentFactory

from .test_races import CROWD, codes, no_lock, together

pytestmark = pytest.mark.django_db(transaction=True)


def seasons_of(number):
    """Two seasons that overlap with nobody else's: only mixed up would those of several be there together."""
    first = date(2027, 1, 1) + timedelta(days=20 * number)
    return [
        {"name": {"en": f"Season {number}"}, "starts_on": day, "ends_on": day + timedelta(days=5), "price": Decimal(1)}
        for day in (first, first + timedelta(days=10))
    ]


def replace(package, number, by):
    return lambda: services.update_package(package, by=by, seasons=seasons_of(number))


@pytest.fixture
def package(db):
    return PackageFactory()


@pytest.fixture
def nothing_locked(monkeypatch):
    """Neither the lock, nor the package's own update; all have read the seasons before any writes one."""
    barrier = Barrier(CROWD)
    write = packages._write_season

    def write_together(season, given, *, field):
        if field == "seasons.0":
            barrier.wait(timeout=20)
        write(season, given, field=field)

    with no_lock(monkeypatch):
        monkeypatch.setattr(Package, "save", lambda self, **kwargs: None)
        monkeypatch.setattr(packages, "_write_season", write_together)
        yield


def test_of_many_who_replace_the_seasons_at_once_the_last_ones_stand_whole(package, platform_admin):
    outcomes = together(*[replace(package, number, platform_admin) for number in range(CROWD)])
    assert codes(outcomes) == ["done"] * CROWD
    assert len({season.name_en for season in package.seasons.all()}) == 1
    assert package.seasons.count() == 2


def test_control_without_the_lock_they_mix(package, platform_admin, nothing_locked):
    together(*[replace(package, number, platform_admin) for number in range(CROWD)])
    assert package.seasons.count() > 2


def test_the_same_season_from_two_at_once_is_there_once(package, platform_admin):
    outcomes = together(*[replace(package, 0, platform_admin)] * CROWD)
    assert codes(outcomes) == ["done"] * CROWD
    assert package.seasons.count() == 2


def test_control_without_the_lock_the_constraint_refuses_by_name(package, platform_admin, nothing_locked):
    outcomes = together(*[replace(package, 0, platform_admin)] * CROWD)
    assert set(codes(outcomes)) - {"conflict.busy"} == {"done", "package.seasons_overlap"}
    assert package.seasons.count() == 2


def test_of_many_who_offer_the_same_treatment_at_once_one_does(hospital, hospital_admin):
    treatment = TreatmentFactory()
    offer = lambda: services.create_offer(hospital, treatment, by=hospital_admin, price=Decimal(1))  # noqa: E731
    assert codes(together(*[offer] * CROWD)) == ["done", *["offer.exists"] * (CROWD - 1)]
    assert Offer.objects.count() == 1


def test_control_without_the_lock_only_the_constraint_stands_in_the_way(hospital, hospital_admin, monkeypatch):
    treatment = TreatmentFactory()
    offer = lambda: services.create_offer(hospital, treatment, by=hospital_admin, price=Decimal(1))  # noqa: E731
    with no_lock(monkeypatch):
        outcomes = codes(together(*[offer] * CROWD))
    assert "conflict" in outcomes
    assert Offer.objects.count() == 1


def test_price_and_texts_changed_at_once_are_both_there(hospital, hospital_admin, translator):
    offer = services.create_offer(hospital, TreatmentFactory(), by=hospital_admin, price=Decimal(1))
    outcomes = together(
        lambda: services.update_offer(offer, by=hospital_admin, price=Decimal(2)),
        lambda: services.update_offer(offer, by=translator, inclusions={"fr": "Un stent"}),
    )
    offer.refresh_from_db()
    assert (codes(outcomes), offer.price, offer.inclusions_fr) == (["done", "done"], 2, "Un stent")
