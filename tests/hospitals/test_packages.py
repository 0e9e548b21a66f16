"""Packages over the API: what anyone finds, at the price of which day, and who keeps them."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.common.exceptions import Forbidden
from apps.common.models import AuditEntry
from apps.hospitals import services
from apps.hospitals.models import Hospital, Offer, Package, PackageSeason
from apps.hospitals.workflow import Verification
from tests.factories.accounts import UserFactory
from tests.factories.catalogue import (
    OfferFactory,
    PackageFactory,
    SeasonFactory,
    TreatmentFactory,
    store_rates,
)
from tests.factories.hospitals import HospitalFactory
from tests.factories.media import StoredFileFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/packages"


def one(package):
    return f"{LIST}/{package.pk}"


def rows(response):
    assert response.status_code == 200, response.content
    return response.json()["data"]


def names(response):
    return [row["name"] for row in rows(response)]


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, doctor, patient):
    return {
        "anonymous": None,
        "admin": platform_admin,
        "coordinator": coordinator,
        "support": support_agent,
        "translator": translator,
        "hospital_admin": hospital_admin,
        "doctor": doctor.user,
        "patient": patient.user,
    }


# --- reading ---


def test_anyone_reads_what_a_package_holds(api):
    hospital = HospitalFactory(name="Bay", rating=Decimal("4.5"), rating_count=2)
    treatment = TreatmentFactory(name="Knee", name_es="Rodilla")
    package = PackageFactory(
        name="New knee", name_es="Rodilla nueva", description="Two weeks by the sea.", city="Chennai", days=16,
        treatments=[treatment], hospitals=[hospital], includes_stay=True, picture=StoredFileFactory(),
        inclusions_en="Surgery\nHotel", exclusions_en="Visa",
    )  # fmt: skip
    (row,) = rows(api().get(LIST, {"lang": "es"}))
    assert (row["name"], row["city"], row["days"], row["country"]) == ("Rodilla nueva", "Chennai", 16, "IN")
    assert (row["includes_flights"], row["includes_stay"], row["includes_transfers"]) == (False, True, False)
    assert (row["inclusions"], row["exclusions"]) == (["Surgery", "Hotel"], ["Visa"])
    assert row["languages"] == {"name": "es", "city": "en", "inclusions": "en", "exclusions": "en"}
    assert [(part["code"], part["name"]) for part in row["treatments"]] == [(treatment.code, "Rodilla")]
    assert [(place["name"], place["rating"]) for place in row["hospitals"]] == [("Bay", "4.50")]
    assert row["price"] == {"amount": "600000.00", "currency": "INR", "converted": None}
    assert row["picture"] is not None
    data = api().get(one(package)).json()["data"]
    assert (data["description"], data["management"]) == ("Two weeks by the sea.", None)


def test_a_hospital_that_is_not_listed_is_not_shown_and_without_any_the_package_is_not(api):
    stays, goes = HospitalFactory(name="Stays"), HospitalFactory(name="Goes")
    package = PackageFactory(hospitals=[stays, goes])
    Hospital.objects.filter(pk=goes.pk).update(is_active=False)
    assert [place["name"] for place in rows(api().get(LIST))[0]["hospitals"]] == ["Stays"]
    assert rows(api().get(LIST, {"hospital_id": goes.pk})) == []
    assert len(rows(api().get(LIST, {"hospital_id": stays.pk}))) == 1
    Hospital.objects.filter(pk=stays.pk).update(verification=Verification.PENDING)
    assert rows(api().get(LIST)) == []
    assert api().get(one(package)).status_code == 404


def test_a_package_is_sold_as_one_so_without_one_of_its_treatments_it_is_not_listed(api):
    treatments = [TreatmentFactory(), TreatmentFactory()]
    PackageFactory(treatments=treatments)
    assert len(rows(api().get(LIST))) == 1
    treatments[1].is_active = False
    treatments[1].save()
    assert rows(api().get(LIST)) == []


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False), ("patient", False), ("doctor", False), ("hospital_admin", False),
        ("admin", True), ("coordinator", True), ("support", True), ("translator", True),
    ],
)  # fmt: skip
def test_only_staff_of_the_platform_see_what_is_inactive(api, cast, who, sees):
    package = PackageFactory(is_active=False)
    client = api(cast[who])
    response = client.get(one(package))
    assert response.status_code == (200 if sees else 404)
    assert len(rows(client.get(LIST, {"is_active": "false"}))) == sees
    assert rows(client.get(LIST)) == []
    if sees:
        assert response.json()["data"]["management"]["hospitals"] == [str(package.hospitals.get().pk)]


@pytest.fixture
def journeys(db):
    """Chennai: 16 days, 6,000 €; Istanbul: 10 days, 5,000 €; Kuwait: 21 days, 8,000 €."""
    store_rates()
    knee = TreatmentFactory(code="knee-replacement")
    PackageFactory(name="Chennai", days=16, treatments=[knee])
    PackageFactory(name="Istanbul", country="TR", days=10, price=250_000, currency="TRY")
    PackageFactory(name="Kuwait", country="KW", days=21, price=2_800, currency="KWD", treatments=[knee])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Istanbul", "Chennai", "Kuwait"]),
        ({"sort_by": "price", "sort_order": "desc"}, ["Kuwait", "Chennai", "Istanbul"]),
        ({"sort_by": "days"}, ["Istanbul", "Chennai", "Kuwait"]),
        ({"sort_by": "name"}, ["Chennai", "Istanbul", "Kuwait"]),
        ({"country": "TR"}, ["Istanbul"]),
        ({"country": "DE"}, []),
        ({"duration": "16"}, ["Chennai"]),
        ({"duration_min": "16"}, ["Chennai", "Kuwait"]),
        ({"duration_min": "11", "duration_max": "20"}, ["Chennai"]),
        ({"treatment": "knee-replacement"}, ["Chennai", "Kuwait"]),
        ({"currency": "USD", "price_max": "7500"}, ["Istanbul", "Chennai"]),
        ({"currency": "USD", "price_max": "7499.99"}, ["Istanbul"]),
        ({"currency": "KWD", "price_min": "2800"}, ["Kuwait"]),
        ({"currency": "JPY", "price_min": "800000", "price_max": "960000"}, ["Istanbul", "Chennai"]),
    ],
)
def test_filters_and_orders(api, journeys, query, found):
    assert names(api().get(LIST, query)) == found


def test_a_country_has_its_packages(api, journeys):
    assert names(api().get(f"{LIST}/by-country/TR")) == ["Istanbul"]
    assert names(api().get(f"{LIST}/by-country/IN", {"duration_min": 17})) == []
    assert rows(api().get(f"{LIST}/by-country/DE")) == []
    assert names(api().get(f"{LIST}/by-country/TR", {"country": "IN"})) == ["Istanbul"]
    for country in ["XX", "tr", "Turkey", "%00"]:
        assert api().get(f"{LIST}/by-country/{country}").status_code in {400, 404}, country


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"country": "in"}, "country"),
        ({"duration": "0"}, "duration"),
        ({"duration": "366"}, "duration"),
        ({"duration_min": "ten"}, "duration_min"),
        ({"duration_max": "9" * 40}, "duration_max"),
        ({"treatment": "astrology"}, "treatment"),
        ({"hospital_id": "x"}, "hospital_id"),
        ({"price_on": "tomorrow"}, "price_on"),
        ({"price_on": "2027-02-29"}, "price_on"),
        ({"price_on": "0001-01-01"}, "price_on"),
        ({"price_min": "5"}, "currency"),
        ({"price_min": "x", "currency": "USD"}, "price_min"),
        ({"sort_by": "stars"}, "sort_by"),
    ],
)
def test_a_wrong_value_is_refused_by_name(api, query, named):
    PackageFactory()
    store_rates()
    response = api().get(LIST, query)
    assert response.status_code == 400, response.content
    assert (response.json()["code"], list(response.json()["errors"])) == ("request.invalid", [named])


def test_a_range_in_a_currency_without_a_rate_is_refused(api):
    PackageFactory()
    refused = api().get(LIST, {"currency": "USD", "price_max": "5000"})
    assert (refused.status_code, refused.json()["code"]) == (400, "currency.no_rate")


# --- seasons ---


@pytest.fixture
def seasonal(db):
    """600,000 INR; 700,000 in January 2027 and 500,000 in June."""
    store_rates()
    package = PackageFactory(name="Chennai")
    SeasonFactory(package=package, name="High season", name_fr="Haute saison")
    SeasonFactory(
        package=package, name="Rains", starts_on=date(2027, 6, 1), ends_on=date(2027, 6, 30), price=Decimal(500_000)
    )
    return package


@pytest.mark.parametrize(
    ("day", "price", "seasons"),
    [
        ("2026-12-31", "600000.00", ["High season", "Rains"]),
        ("2027-01-01", "700000.00", ["High season", "Rains"]),
        ("2027-01-31", "700000.00", ["High season", "Rains"]),
        ("2027-02-01", "600000.00", ["Rains"]),
        ("2027-06-30", "500000.00", ["Rains"]),
        ("2027-07-01", "600000.00", []),
    ],
)
def test_the_price_is_that_of_the_day_the_journey_begins(api, seasonal, day, price, seasons):
    for row in [*rows(api().get(LIST, {"price_on": day})), api().get(one(seasonal), {"price_on": day}).json()["data"]]:
        assert (row["price"]["amount"], row["price_on"]) == (price, day)
        assert row["regular_price"]["amount"] == "600000.00"
        assert [season["name"] for season in row["seasons"]] == seasons


def test_seasons_come_in_the_language_and_currency_asked_for(api, seasonal):
    row = api().get(one(seasonal), {"lang": "fr", "currency": "USD", "price_on": "2027-01-10"}).json()["data"]
    first, second = row["seasons"]
    assert (first["name"], first["languages"], second["name"]) == ("Haute saison", {"name": "fr"}, "Rains")
    assert (first["starts_on"], first["ends_on"]) == ("2027-01-01", "2027-01-31")
    assert first["price"]["converted"]["amount"] == row["price"]["converted"]["amount"] == "8750.00"
    assert row["regular_price"]["converted"]["amount"] == "7500.00"


@pytest.mark.parametrize(
    ("day", "found"), [("2027-01-10", []), ("2027-03-01", ["Chennai"]), ("2027-06-10", ["Chennai"])]
)
def test_a_range_of_prices_looks_at_the_price_of_the_day(api, seasonal, day, found):
    query = {"currency": "USD", "price_max": "7500", "price_on": day}
    assert names(api().get(LIST, query)) == found


def test_the_order_by_price_looks_at_the_price_of_the_day(api, seasonal):
    PackageFactory(name="Delhi", price=650_000)
    assert names(api().get(LIST, {"price_on": "2027-03-01"})) == ["Chennai", "Delhi"]
    assert names(api().get(LIST, {"price_on": "2027-01-10"})) == ["Delhi", "Chennai"]


# --- keeping packages ---


@pytest.fixture
def new(db):
    """What an admin says of a package that can be."""
    offer = OfferFactory()
    return {
        "name": {"en": "New knee in Chennai", "ar": "ركبة جديدة"},
        "city": {"en": "Chennai"},
        "country": "IN",
        "days": 16,
        "price": "600000.00",
        "currency": "INR",
        "treatments": [str(offer.treatment_id)],
        "hospitals": [str(offer.hospital_id)],
        "seasons": [season("2027-01-01", "2027-01-31")],
        "inclusions": {"en": ["Surgery", "Hotel"]},
    }


def season(starts_on, ends_on, price="700000.00", name="High season"):
    return {"name": {"en": name}, "starts_on": starts_on, "ends_on": ends_on, "price": price}


def test_an_admin_adds_a_package(api, platform_admin, new):
    response = api(platform_admin).post(LIST, new)
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert (data["code"], data["inclusions"]) == ("new-knee-in-chennai", ["Surgery", "Hotel"])
    assert data["management"]["texts"]["name"]["ar"] == "ركبة جديدة"
    assert data["management"]["seasons"][0]["price"] == "700000.00"
    assert data["management"]["treatments"] == new["treatments"]
    assert names(api().get(LIST)) == ["New knee in Chennai"]


def test_the_same_idempotency_key_adds_one_package(api, platform_admin, new):
    client = api(platform_admin)
    answers = [client.post(LIST, new, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 201]
    assert Package.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": {"ar": "نص"}}, "name"),
        ({"country": "XX"}, "country"),
        ({"days": 0}, "days"),
        ({"days": 181}, "days"),
        ({"price": "0"}, "price"),
        ({"price": "600000.001"}, "price"),
        ({"currency": "XXQ"}, "currency"),
        ({"treatments": []}, "treatments"),
        ({"treatments": [str(uuid.uuid4())]}, "treatments"),
        ({"treatments": ["x"]}, "treatments.0"),
        ({"hospitals": []}, "hospitals"),
        ({"hospitals": [str(uuid.uuid4())]}, "hospitals"),
        ({"country": "TR"}, "hospitals"),
        ({"seasons": [season("2027-01-31", "2027-01-01")]}, "seasons.0.ends_on"),
        ({"seasons": [season("2027-01-01", "2027-01-31", price="0")]}, "seasons.0.price"),
        ({"seasons": [season("2027-01-01", "2027-01-31", price="1.005")]}, "seasons.0.price"),
        ({"seasons": [season("2027-01-01", "2027-01-31"), season("2027-01-31", "2027-02-01")]}, "seasons.1.starts_on"),
        ({"seasons": [season("2027-01-01", "2027-01-31"), season("2027-01-01", "2027-01-31")]}, "seasons.1.starts_on"),
        ({"seasons": [season("2027-01-01", "2027-01-31", name="")]}, "seasons.0.name.en"),
        ({"inclusions": {"en": ["x"] * 41}}, "inclusions.en"),
        ({"picture_id": str(uuid.uuid4())}, "picture_id"),
    ],
)
def test_a_package_that_cannot_be_is_refused_by_field_and_leaves_nothing(api, platform_admin, new, change, named):
    response = api(platform_admin).post(LIST, new | change)
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    assert not Package.objects.exists()
    assert not PackageSeason.objects.exists()


def test_seasons_may_follow_each_other_day_by_day(api, platform_admin, new):
    new["seasons"] = [season("2027-02-01", "2027-02-01"), season("2027-01-01", "2027-01-31")]
    data = api(platform_admin).post(LIST, new).json()["data"]
    assert [row["starts_on"] for row in data["management"]["seasons"]] == ["2027-01-01", "2027-02-01"]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda offer: Hospital.objects.update(verification="pending"),
        lambda offer: Hospital.objects.update(is_active=False),
        lambda offer: Offer.objects.update(is_active=False),
        lambda offer: Offer.objects.update(treatment=TreatmentFactory()),
    ],
    ids=["waits", "closed", "withdrew its offer", "offers something else"],
)
def test_a_hospital_that_cannot_do_it_is_refused(api, platform_admin, new, prepare):
    prepare(None)
    response = api(platform_admin).post(LIST, new)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["hospitals"])


def test_a_treatment_that_is_not_in_the_catalogue_is_refused(api, platform_admin, new):
    new["treatments"].append(str(TreatmentFactory(is_active=False).pk))
    assert list(api(platform_admin).post(LIST, new).json()["errors"]) == ["treatments"]


def test_a_code_is_had_once(api, platform_admin, new):
    PackageFactory(code="new-knee-in-chennai")
    refused = api(platform_admin).post(LIST, new)
    assert (refused.status_code, refused.json()["code"]) == (409, "catalogue.code_taken")


def test_what_is_not_named_stays(api, platform_admin, seasonal):
    before = (list(seasonal.treatments.all()), list(seasonal.hospitals.all()))
    response = api(platform_admin).patch(one(seasonal), {"name": {"fr": "Inde"}, "includes_flights": True})
    assert response.status_code == 200, response.content
    seasonal.refresh_from_db()
    assert (seasonal.name_en, seasonal.name_fr, seasonal.price) == ("Chennai", "Inde", 600_000)
    assert (list(seasonal.treatments.all()), list(seasonal.hospitals.all())) == before
    assert seasonal.seasons.count() == 2


@pytest.mark.parametrize("query", ["currency=gold", "price_on=tomorrow"])
def test_what_is_refused_for_how_the_answer_should_look_has_changed_nothing(api, platform_admin, seasonal, query):
    response = api(platform_admin).patch(f"{one(seasonal)}?{query}", {"days": 99})
    assert (response.status_code, list(response.json()["errors"])) == (400, [query.partition("=")[0]])
    seasonal.refresh_from_db()
    assert seasonal.days != 99


def test_what_does_not_change_the_composition_does_not_look_at_it_again(api, platform_admin):
    """A hospital has left the list meanwhile: its package can be described and priced anew nevertheless."""
    package = PackageFactory()
    Hospital.objects.update(is_active=False)
    assert api(platform_admin).patch(one(package), {"price": "1.00"}).status_code == 200
    assert list(api(platform_admin).patch(one(package), {"country": "IN"}).json()["errors"]) == ["hospitals"]


def test_a_new_country_needs_hospitals_there(api, platform_admin):
    package = PackageFactory()
    assert list(api(platform_admin).patch(one(package), {"country": "TR"}).json()["errors"]) == ["hospitals"]
    there = OfferFactory(hospital=HospitalFactory(country="TR"), treatment=package.treatments.get()).hospital
    response = api(platform_admin).patch(one(package), {"country": "TR", "hospitals": [str(there.pk)]})
    assert response.status_code == 200, response.content
    assert list(package.hospitals.all()) == [there]


def test_the_trail_says_what_a_package_was_made_of(api, platform_admin):
    package = PackageFactory()
    before = package.hospitals.get()
    there = OfferFactory(treatment=package.treatments.get()).hospital
    api(platform_admin).patch(one(package), {"hospitals": [str(there.pk)]})
    api(platform_admin).patch(one(package), {"hospitals": [str(there.pk)]})
    entry = AuditEntry.objects.get(action="package.composed")
    assert (entry.actor_id, entry.object_id) == (platform_admin.pk, str(package.pk))
    assert entry.changes == {"hospitals": [[str(before.pk)], [str(there.pk)]]}


def test_seasons_are_replaced_and_one_that_stays_keeps_its_texts(api, platform_admin, seasonal):
    body = {"seasons": [season("2027-01-01", "2027-02-15", "710000.00", "Peak"), season("2027-03-01", "2027-03-31")]}
    data = api(platform_admin).patch(one(seasonal), body).json()["data"]
    assert [(row["starts_on"], row["ends_on"], row["price"]) for row in data["management"]["seasons"]] == [
        ("2027-01-01", "2027-02-15", "710000.00"), ("2027-03-01", "2027-03-31", "700000.00"),
    ]  # fmt: skip
    kept = seasonal.seasons.get(starts_on=date(2027, 1, 1))
    assert (kept.name_en, kept.name_fr) == ("Peak", "Haute saison")
    assert api(platform_admin).patch(one(seasonal), {"seasons": []}).status_code == 200
    assert not seasonal.seasons.exists()


@pytest.mark.parametrize(
    "wanted",
    [
        [season("2027-01-01", "2027-06-15"), season("2027-06-16", "2027-07-31")],
        [season("2027-01-01", "2027-05-31"), season("2027-06-01", "2027-06-02"), season("2027-06-03", "2027-07-01")],
        [season("2027-01-15", "2027-06-14")],
        [season("2026-12-01", "2027-01-01"), season("2027-01-02", "2027-06-01")],
    ],
)
def test_seasons_that_shift_never_meet_those_before_on_the_way(api, platform_admin, seasonal, wanted):
    response = api(platform_admin).patch(one(seasonal), {"seasons": wanted})
    assert response.status_code == 200, response.content
    there = [(str(row.starts_on), str(row.ends_on)) for row in seasonal.seasons.order_by("starts_on")]
    assert there == [(row["starts_on"], row["ends_on"]) for row in wanted]


def test_refused_seasons_change_nothing(api, platform_admin, seasonal):
    body = {"price": "1.00", "seasons": [season("2027-01-01", "2027-01-31"), season("2027-01-20", "2027-02-01")]}
    assert api(platform_admin).patch(one(seasonal), body).status_code == 400
    seasonal.refresh_from_db()
    assert (seasonal.price, seasonal.seasons.count()) == (600_000, 2)


def test_the_database_itself_refuses_seasons_that_overlap(seasonal):
    with pytest.raises(IntegrityError, match="season_no_overlap"), transaction.atomic():
        SeasonFactory(package=seasonal, starts_on=date(2027, 1, 31), ends_on=date(2027, 2, 2))
    SeasonFactory(starts_on=date(2027, 1, 31), ends_on=date(2027, 2, 2))  # another package's may


def test_a_new_currency_comes_with_all_new_prices(api, platform_admin, seasonal):
    client = api(platform_admin)
    assert sorted(client.patch(one(seasonal), {"currency": "JPY"}).json()["errors"]) == ["price", "seasons"]
    assert list(client.patch(one(seasonal), {"currency": "JPY", "price": "1"}).json()["errors"]) == ["seasons"]
    body = {"currency": "JPY", "price": "960000", "seasons": [season("2027-01-01", "2027-01-31", "1100000")]}
    data = client.patch(one(seasonal), body).json()["data"]
    assert (data["regular_price"]["amount"], data["management"]["seasons"][0]["price"]) == ("960000", "1100000")


def test_removing_takes_it_off_the_list_and_it_can_come_back(api, platform_admin):
    package = PackageFactory()
    client = api(platform_admin)
    assert [client.delete(one(package)).status_code for _ in range(2)] == [204, 204]
    assert api().get(one(package)).status_code == 404
    assert client.patch(one(package), {"is_active": True}).status_code == 200
    assert api().get(one(package)).status_code == 200


@pytest.mark.parametrize("act", ["create", "change", "delete"])
@pytest.mark.parametrize(
    "who", ["anonymous", "coordinator", "support", "translator", "hospital_admin", "doctor", "patient"]
)
def test_who_may_not_write(api, cast, new, who, act):
    package = PackageFactory(name="Chennai")
    method, url, body = {
        "create": ("post", LIST, new),
        "change": ("patch", one(package), {"name": {"en": "CANARY"}}),
        "delete": ("delete", one(package), None),
    }[act]
    assert getattr(api(cast[who]), method)(url, body).status_code == (401 if who == "anonymous" else 403)
    assert list(Package.objects.values_list("name_en", "is_active")) == [("Chennai", True)]


def test_translators_change_texts_and_nothing_else(translator):
    package = PackageFactory()
    services.update_package(package, by=translator, name={"fr": "Inde"}, inclusions={"fr": "Hôtel"})
    package.refresh_from_db()
    assert (package.name_fr, package.inclusions_fr) == ("Inde", "Hôtel")
    for change in [{"price": Decimal(1)}, {"seasons": []}, {"is_active": False}, {}]:
        with pytest.raises(Forbidden):
            services.update_package(package, by=translator, **change)
    with pytest.raises(Forbidden):
        services.deactivate_package(package, by=translator)


@pytest.mark.parametrize("rows_there", [3, 30])
def test_the_list_is_one_query_at_any_length(api, django_assert_num_queries, rows_there):
    store_rates()
    treatments = TreatmentFactory.create_batch(3)
    hospitals = HospitalFactory.create_batch(3)
    for _ in range(rows_there):
        package = PackageFactory(treatments=treatments, hospitals=hospitals, picture=StoredFileFactory())
        SeasonFactory(package=package)
    patient = api(UserFactory())
    query = {"limit": 100, "currency": "USD", "price_min": "1", "lang": "hi", "price_on": "2027-01-10"}
    api().get(LIST, query)
    for url in [LIST, f"{LIST}/by-country/IN"]:
        with django_assert_num_queries(1):
            assert len(rows(api().get(url, query))) == rows_there
        with django_assert_num_queries(2):
            patient.get(url, query)
    with django_assert_num_queries(1):
        api().get(one(package), query)
