"""The catalogue of treatments over the API: what anyone finds, at which price, and who keeps it."""

import uuid
from decimal import Decimal

import pytest

from apps.hospitals.models import Treatment
from apps.hospitals.workflow import Verification
from tests.factories.accounts import UserFactory
from tests.factories.catalogue import (
    CategoryFactory,
    OfferFactory,
    PackageFactory,
    ProcedureFactory,
    TreatmentFactory,
    store_rates,
)
from tests.factories.hospitals import HospitalFactory, SpecialtyFactory
from tests.factories.media import DocumentFactory, StoredFileFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/treatments"
NEW = {
    "name": {"en": "Coronary angioplasty", "ar": "توسيع الشرايين التاجية"},
    "description": {"en": "A narrowed artery is opened from within."},
    "category": "cardiac-care",
    "specialty": "cardiology",
    "procedures": ["coronary-angiography"],
    "hospital_days": 2,
    "stay_days": 7,
}


def one(treatment):
    return f"{LIST}/{treatment.pk}"


def names(response):
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["data"]]


@pytest.fixture
def reference(db):
    CategoryFactory()
    SpecialtyFactory()
    ProcedureFactory()


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


def test_anyone_lists_what_is_active(api):
    TreatmentFactory(name="Angioplasty")
    TreatmentFactory(name="Withdrawn", is_active=False)
    response = api().get(LIST)
    assert names(response) == ["Angioplasty"]
    row = response.json()["data"][0]
    assert row["category"] == {
        "code": "cardiac-care", "name": "Heart care", "languages": {"name": "en"}, "machine": [],
    }  # fmt: skip
    assert row["specialty"]["code"] == "cardiology"
    assert (row["lowest_price"], row["picture"], row["offer_count"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("anonymous", []), ("patient", []), ("doctor", []), ("hospital_admin", []),
        ("admin", ["Withdrawn"]), ("coordinator", ["Withdrawn"]), ("support", ["Withdrawn"]),
        ("translator", ["Withdrawn"]),
    ],
)  # fmt: skip
def test_only_staff_of_the_platform_find_what_is_inactive(api, cast, who, found):
    treatment = TreatmentFactory(name="Withdrawn", is_active=False)
    client = api(cast[who])
    assert names(client.get(LIST, {"is_active": "false"})) == found
    assert names(client.get(LIST)) == []
    assert client.get(one(treatment)).status_code == (200 if found else 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": "orthopaedics"}, ["Knee"]),
        ({"specialty": "cardiology"}, ["Angioplasty", "Knee"]),
        ({"country": "IN"}, ["Angioplasty"]),
        ({"country": "TR"}, ["Angioplasty", "Knee"]),
        ({"country": "DE"}, []),
        ({"category": "orthopaedics", "country": "IN"}, []),
        ({"sort_by": "offers", "sort_order": "desc"}, ["Angioplasty", "Knee"]),
        ({"is_active": "true"}, ["Angioplasty", "Knee"]),
        ({}, ["Angioplasty", "Knee"]),
    ],
)
def test_filters(api, query, found):
    angioplasty = TreatmentFactory(name="Angioplasty")
    knee = TreatmentFactory(name="Knee", category=CategoryFactory(code="orthopaedics", name="Bones"))
    OfferFactory(treatment=angioplasty)
    OfferFactory(treatment=angioplasty, hospital=HospitalFactory(country="TR"))
    OfferFactory(treatment=knee, hospital=HospitalFactory(country="TR"))
    OfferFactory(treatment=knee, hospital=HospitalFactory(country="DE", verification=Verification.PENDING))
    OfferFactory(treatment=knee, hospital=HospitalFactory(country="DE"), is_active=False)
    assert names(api().get(LIST, query)) == found


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"category": "astrology"}, "category"),
        ({"specialty": "astrology"}, "specialty"),
        ({"country": "in"}, "country"),
        ({"currency": "XXQ"}, "currency"),
        ({"currency": "USD", "price_min": "NaN"}, "price_min"),
        ({"currency": "USD", "price_max": "-1"}, "price_max"),
        ({"currency": "USD", "price_max": "1" * 30}, "price_max"),
        ({"price_min": "100"}, "currency"),
        ({"price_max": "100"}, "currency"),
        ({"is_active": "maybe"}, "is_active"),
        ({"sort_by": "stars"}, "sort_by"),
    ],
)
def test_a_wrong_value_is_refused_by_name(api, query, named):
    TreatmentFactory()
    store_rates()
    response = api().get(LIST, query)
    assert response.status_code == 400, response.content
    assert (response.json()["code"], list(response.json()["errors"])) == ("request.invalid", [named])


def test_names_sort_in_the_language_asked_for(api):
    for name, arabic in [("zeta", "أ"), ("Alpha", "ي"), ("mid", "")]:
        TreatmentFactory(name=name, name_ar=arabic)
    assert names(api().get(LIST)) == ["Alpha", "mid", "zeta"]
    assert names(api().get(LIST, {"sort_by": "name", "lang": "ar"})) == ["mid", "أ", "ي"]


# --- prices ---


@pytest.fixture
def priced(db):
    """Angioplasty for 4,000 € in India and 6,000 € in Türkiye; a knee for 5,000 € there; braces nowhere."""
    store_rates()
    angioplasty, knee = TreatmentFactory(name="Angioplasty"), TreatmentFactory(name="Knee")
    TreatmentFactory(name="Braces")
    india, turkey = HospitalFactory(), HospitalFactory(country="TR", currency="TRY")
    OfferFactory(treatment=angioplasty, hospital=india, price=400_000, currency="INR")
    OfferFactory(treatment=angioplasty, hospital=turkey, price=300_000, currency="TRY")
    OfferFactory(treatment=knee, hospital=turkey, price=250_000, currency="TRY")
    return angioplasty


def test_the_lowest_price_is_shown_in_its_own_currency_and_in_the_one_asked_for(api, priced):
    row = api().get(LIST, {"currency": "USD"}).json()["data"][0]
    assert row["lowest_price"] == {
        "amount": "400000.00", "currency": "INR",
        "converted": {
            "amount": "5000.00", "currency": "USD",
            "rate": {"source": "ECB", "on": "2026-11-20", "is_old": row["lowest_price"]["converted"]["rate"]["is_old"]},
        },
    }  # fmt: skip
    assert api().get(LIST).json()["data"][0]["lowest_price"]["converted"] is None


def test_a_price_in_the_asked_currency_is_not_converted(api, priced):
    assert api().get(LIST, {"currency": "INR"}).json()["data"][0]["lowest_price"]["converted"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"price_max": "5000", "currency": "USD"}, ["Angioplasty"]),
        ({"price_max": "4999.99", "currency": "USD"}, []),
        ({"price_min": "6250", "price_max": "6250", "currency": "USD"}, ["Knee"]),
        ({"price_min": "5000.01", "currency": "USD"}, ["Angioplasty", "Knee"]),  # Türkiye does it for 7,500
        ({"price_min": "5001", "price_max": "6000", "currency": "USD"}, []),
        ({"price_max": "5000", "currency": "USD", "country": "TR"}, []),
        ({"price_max": "400000", "currency": "INR"}, ["Angioplasty"]),
        ({"price_max": "1400", "currency": "KWD"}, ["Angioplasty"]),
        ({"price_max": "4000", "currency": "EUR"}, ["Angioplasty"]),
    ],
)
def test_a_range_of_prices_is_in_the_currency_named(api, priced, query, found):
    assert names(api().get(LIST, query)) == found


def test_prices_sort_across_currencies_and_what_has_none_comes_last(api, priced):
    assert names(api().get(LIST, {"sort_by": "price"})) == ["Angioplasty", "Knee", "Braces"]
    assert names(api().get(LIST, {"sort_by": "price", "sort_order": "desc"})) == ["Knee", "Angioplasty", "Braces"]


def test_with_a_country_prices_are_of_its_hospitals(api, priced):
    response = api().get(LIST, {"country": "TR", "sort_by": "price"})
    assert names(response) == ["Knee", "Angioplasty"]
    lowest = [(row["lowest_price"]["amount"], row["lowest_price"]["currency"]) for row in response.json()["data"]]
    assert lowest == [("250000.00", "TRY"), ("300000.00", "TRY")]


def test_a_page_has_the_range_of_prices(api, priced):
    data = api().get(one(priced), {"currency": "KWD"}).json()["data"]
    assert (data["lowest_price"]["currency"], data["lowest_price"]["converted"]["amount"]) == ("INR", "1400.000")
    assert (data["highest_price"]["currency"], data["highest_price"]["converted"]["amount"]) == ("TRY", "2100.000")
    refused = api().get(one(priced), {"currency": "XXQ"})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["currency"])


@pytest.mark.parametrize("currency", ["VND", "USD"])
def test_without_a_rate_prices_stay_in_their_own_currency_and_cannot_be_compared(api, currency):
    """VND has no rate on any day, USD none while no rate at all is stored."""
    if currency == "VND":
        store_rates()
    OfferFactory(treatment=TreatmentFactory(name="Angioplasty"))
    shown = api().get(LIST, {"currency": currency})
    assert shown.json()["data"][0]["lowest_price"] == {"amount": "480000.00", "currency": "INR", "converted": None}
    refused = api().get(LIST, {"currency": currency, "price_max": "5000"})
    assert (refused.status_code, refused.json()["code"]) == (400, "currency.no_rate")
    assert currency in refused.json()["errors"]["currency"][0]


def test_the_older_of_two_rates_is_the_one_said(api, priced):
    store_rates(on=priced.created_at.date().replace(year=2026, month=11, day=21), source="peg", INR="104.8")
    rate = api().get(LIST, {"currency": "USD"}).json()["data"][0]["lowest_price"]["converted"]["rate"]
    assert (rate["source"], rate["on"]) == ("ECB, peg", "2026-11-20")


# --- one treatment ---


def test_a_page_shows_what_the_treatment_is(api):
    treatment = TreatmentFactory(
        name="Angioplasty", name_fr="Angioplastie", description="Opened from within.", recovery="A week.",
        hospital_days=2, stay_days=7, picture=StoredFileFactory(),
    )  # fmt: skip
    treatment.procedures.add(ProcedureFactory(name_fr="Coronarographie"))
    data = api().get(one(treatment), {"lang": "fr"}).json()["data"]
    assert (data["name"], data["description"], data["recovery"]) == ("Angioplastie", "Opened from within.", "A week.")
    assert data["languages"] == {"name": "fr", "description": "en", "recovery": "en"}
    assert [(row["code"], row["name"]) for row in data["procedures"]] == [("coronary-angiography", "Coronarographie")]
    assert set(data["picture"]["thumbnails"]) == {"small", "medium", "large"}
    assert (data["hospital_days"], data["stay_days"], data["management"]) == (2, 7, None)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("anonymous", False), ("patient", False), ("hospital_admin", False), ("doctor", False),
     ("admin", True), ("translator", True), ("coordinator", True)],
)  # fmt: skip
def test_management_is_for_staff_of_the_platform(api, cast, who, sees):
    data = api(cast[who]).get(one(TreatmentFactory(name_ar="نص"))).json()["data"]
    assert (data["management"] is not None) is sees
    if sees:
        assert data["management"]["texts"]["name"]["ar"] == "نص"
        assert data["management"]["text_status"]["name"]["hi"]["status"] == "missing"


# --- keeping the catalogue ---


def test_an_admin_adds_a_treatment(api, platform_admin, reference):
    picture = StoredFileFactory(owner=platform_admin)
    response = api(platform_admin).post(LIST, NEW | {"picture_id": picture.pk})
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert (data["code"], data["name"], data["hospital_days"]) == ("coronary-angioplasty", "Coronary angioplasty", 2)
    assert [procedure["code"] for procedure in data["procedures"]] == ["coronary-angiography"]
    assert data["management"]["texts"]["name"]["ar"] == "توسيع الشرايين التاجية"
    assert data["picture"] is not None
    assert names(api().get(LIST)) == ["Coronary angioplasty"]


def test_the_same_idempotency_key_adds_one_treatment(api, platform_admin, reference):
    client = api(platform_admin)
    answers = [client.post(LIST, NEW, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 201]
    assert answers[0].json()["data"] == answers[1].json()["data"]
    assert Treatment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": {"ar": "نص"}}, "name"),
        ({"name": {"en": "x" * 161}}, "name"),
        ({"category": "astrology"}, "category"),
        ({"specialty": "astrology"}, "specialty"),
        ({"procedures": ["astrology"]}, "procedures"),
        ({"stay_days": 1}, "stay_days"),
        ({"hospital_days": -1}, "hospital_days"),
        ({"hospital_days": 366}, "hospital_days"),
        ({"code": "no spaces"}, "code"),
        ({"picture_id": str(uuid.uuid4())}, "picture_id"),
        ({"description": {"xx": "?"}}, "description"),
    ],
)
def test_a_treatment_that_cannot_be_is_refused_by_field(api, platform_admin, reference, change, named):
    response = api(platform_admin).post(LIST, NEW | change)
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    assert not Treatment.objects.exists()


def test_a_code_is_had_once(api, platform_admin, reference):
    TreatmentFactory(code="coronary-angioplasty")
    for body in [NEW, NEW | {"code": "coronary-angioplasty", "name": {"en": "Other"}}]:
        refused = api(platform_admin).post(LIST, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "catalogue.code_taken")
    assert Treatment.objects.count() == 1


def test_a_picture_is_a_public_image_and_an_id_of_anything_else_answers_like_an_unknown_one(api, platform_admin):
    treatment = TreatmentFactory(picture=StoredFileFactory())
    client = api(platform_admin)
    refusals = [
        client.patch(one(treatment), {"picture_id": str(pk)}).json()["errors"]
        for pk in [DocumentFactory(owner=platform_admin).pk, StoredFileFactory(status="pending").pk, uuid.uuid4()]
    ]
    assert refusals[0] == refusals[1] == refusals[2]
    assert client.patch(one(treatment), {"picture_id": None}).json()["data"]["picture"] is None


def test_what_is_not_named_stays(api, platform_admin):
    treatment = TreatmentFactory(name="Knee", name_fr="Genou", hospital_days=5, stay_days=10)
    treatment.procedures.add(ProcedureFactory())
    response = api(platform_admin).patch(one(treatment), {"name": {"es": "Rodilla"}, "stay_days": 12})
    assert response.status_code == 200, response.content
    treatment.refresh_from_db()
    assert (treatment.name_en, treatment.name_fr, treatment.name_es) == ("Knee", "Genou", "Rodilla")
    assert (treatment.hospital_days, treatment.stay_days, treatment.procedures.count()) == (5, 12, 1)
    refused = api(platform_admin).patch(one(treatment), {"hospital_days": 13})
    assert list(refused.json()["errors"]) == ["stay_days"]


def test_removing_takes_the_treatment_its_offers_and_its_packages_off_the_lists(api, platform_admin):
    treatment = TreatmentFactory()
    package = PackageFactory(treatments=[treatment, TreatmentFactory()])
    client = api(platform_admin)
    assert [client.delete(one(treatment)).status_code for _ in range(2)] == [204, 204]
    assert api().get(one(treatment)).status_code == 404
    assert api().get(f"{one(treatment)}/hospitals").status_code == 404
    assert api().get(f"/api/v1/packages/{package.pk}").status_code == 404
    assert client.patch(one(treatment), {"is_active": True}).status_code == 200
    assert api().get(f"/api/v1/packages/{package.pk}").status_code == 200


@pytest.mark.parametrize("act", ["create", "change", "delete"])
@pytest.mark.parametrize(
    "who", ["anonymous", "coordinator", "support", "translator", "hospital_admin", "doctor", "patient"]
)
def test_who_may_not_write(api, cast, reference, who, act):
    treatment = TreatmentFactory(name="Knee")
    method, url, body = {
        "create": ("post", LIST, NEW),
        "change": ("patch", one(treatment), {"name": {"en": "CANARY"}}),
        "delete": ("delete", one(treatment), None),
    }[act]
    assert getattr(api(cast[who]), method)(url, body).status_code == (401 if who == "anonymous" else 403)
    assert list(Treatment.objects.values_list("name_en", "is_active")) == [("Knee", True)]


@pytest.mark.parametrize(("rows", "queries"), [(3, 1), (40, 1)])
def test_the_list_is_one_query_at_any_length(api, django_assert_num_queries, rows, queries):
    store_rates()
    for number in range(rows):
        treatment = TreatmentFactory(picture=StoredFileFactory())
        OfferFactory(treatment=treatment, price=Decimal(1000 + number))
    patient = api(UserFactory())
    query = {"limit": 100, "currency": "USD", "price_min": "1", "country": "IN", "sort_by": "price", "lang": "ar"}
    api().get(LIST, query)  # the rates of the day are read once by a process
    for asked in [{"limit": 100}, query]:
        with django_assert_num_queries(queries):
            response = api().get(LIST, asked)
        assert len(response.json()["data"]) == rows
        with django_assert_num_queries(queries + 1):
            patient.get(LIST, asked)
    with django_assert_num_queries(1):
        api().get(one(treatment))
