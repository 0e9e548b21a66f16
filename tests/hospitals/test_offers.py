"""What hospitals offer of the catalogue, over the API: seen from both sides, in any currency, and who keeps it."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.exceptions import Forbidden
from apps.hospitals import services
from apps.hospitals.models import Accreditation, AccreditationBody, Offer
from apps.hospitals.workflow import Verification
from tests.factories.accounts import UserFactory
from tests.factories.catalogue import OfferFactory, TreatmentFactory, store_rates
from tests.factories.hospitals import HospitalFactory
from tests.factories.media import StoredFileFactory

pytestmark = pytest.mark.django_db

CANARY = "CANARY-4417"


def at(hospital):
    return f"/api/v1/hospitals/{hospital.pk}/treatments"


def one(offer):
    return f"/api/v1/hospitals/{offer.hospital_id}/treatments/{offer.treatment_id}"


def hospitals_of(treatment):
    return f"/api/v1/treatments/{treatment.pk}/hospitals"


def rows(response):
    assert response.status_code == 200, response.content
    return response.json()["data"]


@pytest.fixture
def treatment(db):
    return TreatmentFactory(name="Angioplasty", hospital_days=2, stay_days=7)


@pytest.fixture
def offer(hospital, treatment):
    return OfferFactory(hospital=hospital, treatment=treatment)


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor, patient):
    return {
        "anonymous": None,
        "admin": platform_admin,
        "coordinator": coordinator,
        "support": support_agent,
        "translator": translator,
        "hospital_admin": hospital_admin,
        "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user,
        "patient": patient.user,
    }


# --- the hospitals of a treatment ---


def accredit(hospital, code, **details):
    body, _created = AccreditationBody.objects.get_or_create(code=code, defaults={"name": code})
    Accreditation.objects.create(hospital=hospital, body=body, number=f"{code}-{len(details)}", **details)


def test_hospitals_are_listed_with_price_days_success_and_what_is_included(api, hospital, treatment):
    today = timezone.now().date()
    OfferFactory(
        hospital=hospital, treatment=treatment, price=267_500, success_rate=Decimal("97.4"), hospital_days=3,
        inclusions_en="One stent\nSingle room", inclusions_fr="Un stent\nChambre individuelle",
    )  # fmt: skip
    accredit(hospital, "NABH", verification="approved", expires_on=today)
    accredit(hospital, "JCI", verification="approved")
    accredit(hospital, "ACHSI", verification="approved", expires_on=today - timedelta(days=1))
    accredit(hospital, "TEMOS", verification="pending")
    hospital.cover = StoredFileFactory()
    hospital.rating, hospital.rating_count = Decimal("4.5"), 3
    hospital.save()
    (row,) = rows(api().get(hospitals_of(treatment), {"lang": "fr"}))
    assert (row["price"], row["success_rate"]) == (
        {"amount": "267500.00", "currency": "INR", "converted": None}, "97.4",
    )  # fmt: skip
    assert (row["hospital_days"], row["stay_days"]) == (3, 7), "what the offer does not say is as usual"
    assert row["inclusions"] == ["Un stent", "Chambre individuelle"]
    assert row["exclusions"] == []
    assert row["languages"] == {"inclusions": "fr", "exclusions": "en"}
    assert (row["hospital"]["id"], row["hospital"]["name"]) == (str(hospital.pk), hospital.name)
    assert row["hospital"]["accreditations"] == ["JCI", "NABH"]
    assert (row["hospital"]["rating"], row["hospital"]["rating_count"]) == ("4.50", 3)
    assert row["hospital"]["cover"] is not None


def test_what_is_not_offered_to_the_public_is_not_there(api, treatment):
    OfferFactory(treatment=treatment, is_active=False)
    OfferFactory(treatment=treatment, hospital=HospitalFactory(verification=Verification.PENDING))
    OfferFactory(treatment=treatment, hospital=HospitalFactory(is_active=False))
    assert rows(api().get(hospitals_of(treatment))) == []


@pytest.fixture
def three(treatment):
    """At 4,000 € in India, 3,000 € in Türkiye, and 5,000 € in Kuwait; the dearest is the best rated."""
    store_rates()
    for name, country, price, currency, rating in [
        ("India", "IN", 400_000, "INR", 3), ("Türkiye", "TR", 150_000, "TRY", 4), ("Kuwait", "KW", 1_750, "KWD", 5),
    ]:  # fmt: skip
        hospital = HospitalFactory(name=name, country=country, rating=rating, rating_count=1)
        OfferFactory(treatment=treatment, hospital=hospital, price=price, currency=currency)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Türkiye", "India", "Kuwait"]),
        ({"sort_by": "price", "sort_order": "desc"}, ["Kuwait", "India", "Türkiye"]),
        ({"sort_by": "rating", "sort_order": "desc"}, ["Kuwait", "Türkiye", "India"]),
        ({"country": "TR"}, ["Türkiye"]),
        ({"currency": "USD", "price_max": "5000"}, ["Türkiye", "India"]),
        ({"currency": "USD", "price_min": "3750.01", "price_max": "5000"}, ["India"]),
        ({"currency": "KWD", "price_min": "1750"}, ["Kuwait"]),
        ({"currency": "JPY", "price_max": "480000"}, ["Türkiye"]),
    ],
)
def test_offers_are_compared_across_currencies(api, treatment, three, query, found):
    assert [row["hospital"]["name"] for row in rows(api().get(hospitals_of(treatment), query))] == found


def test_each_price_is_converted_with_its_source_and_day(api, treatment, three):
    converted = {
        row["price"]["currency"]: row["price"]["converted"]
        for row in rows(api().get(hospitals_of(treatment), {"currency": "JPY"}))
    }
    assert {own: price["amount"] for own, price in converted.items()} == {
        "TRY": "480000", "INR": "640000", "KWD": "800000",
    }  # fmt: skip
    assert {price["currency"] for price in converted.values()} == {"JPY"}
    assert {(price["rate"]["source"], price["rate"]["on"]) for price in converted.values()} == {("ECB", "2026-11-20")}


def test_a_treatment_that_is_not_there_has_no_hospitals(api):
    for pk in [uuid.uuid4(), TreatmentFactory(is_active=False).pk]:
        assert api().get(f"/api/v1/treatments/{pk}/hospitals").status_code == 404


# --- the treatments of a hospital ---


def test_a_hospital_shows_what_it_offers(api, hospital, offer):
    OfferFactory(hospital=hospital, treatment=TreatmentFactory(name="Braces"), is_active=False)
    OfferFactory(hospital=hospital, treatment=TreatmentFactory(is_active=False))
    (row,) = rows(api().get(at(hospital), {"category": "cardiac-care"}))
    assert row["treatment"]["name"] == "Angioplasty"
    assert row["treatment"]["category"]["code"] == "cardiac-care"
    assert row["is_active"] is True
    assert rows(api().get(at(hospital), {"is_active": "false"})) == []
    assert list(api().get(at(hospital), {"category": "astrology"}).json()["errors"]) == ["category"]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False), ("patient", False), ("doctor", False), ("other_hospital_admin", False),
        ("hospital_admin", True), ("admin", True), ("coordinator", True), ("translator", True),
    ],
)  # fmt: skip
def test_only_those_who_keep_it_see_an_offer_that_is_not_public(api, cast, offer, who, sees):
    Offer.objects.update(is_active=False)
    client = api(cast[who])
    assert client.get(one(offer)).status_code == (200 if sees else 404)
    assert len(rows(client.get(at(offer.hospital), {"is_active": "false"}))) == sees
    assert rows(client.get(at(offer.hospital))) == []


def test_staff_see_their_offers_while_their_hospital_waits(api, hospital, hospital_admin, offer):
    hospital.verification = Verification.PENDING
    hospital.save()
    assert len(rows(api(hospital_admin).get(at(hospital), {"is_active": "true"}))) == 1
    assert api().get(at(hospital)).status_code == 404


@pytest.mark.parametrize(
    ("who", "sees"), [("anonymous", False), ("other_hospital_admin", False), ("hospital_admin", True), ("admin", True)]
)
def test_management_is_for_those_who_keep_the_offer(api, cast, offer, who, sees):
    Offer.objects.update(inclusions_en="One stent\n\nSingle room ", inclusions_ar="دعامة")
    data = api(cast[who]).get(one(offer)).json()["data"]
    assert (data["management"] is not None) is sees
    if sees:
        assert data["management"]["texts"]["inclusions"]["en"] == ["One stent", "Single room"]
        assert data["management"]["texts"]["inclusions"]["ar"] == ["دعامة"]
        assert (data["management"]["stay_days"], data["stay_days"]) == (None, 7)


# --- keeping offers ---


def new(treatment, **more):
    return {
        "treatment_id": str(treatment.pk),
        "price": "267500.00",
        "hospital_days": 2,
        "stay_days": 9,
        "success_rate": "97.4",
        "inclusions": {"en": ["One stent", " Single\nroom "], "ar": ["دعامة"]},
        **more,
    }


def test_staff_offer_a_treatment_in_the_hospitals_currency(api, hospital, hospital_admin, treatment):
    response = api(hospital_admin).post(at(hospital), new(treatment))
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert (data["price"]["amount"], data["price"]["currency"]) == ("267500.00", "INR")
    assert data["inclusions"] == ["One stent", "Single room"]
    assert data["management"]["texts"]["inclusions"]["ar"] == ["دعامة"]
    assert len(rows(api().get(hospitals_of(treatment)))) == 1


def test_the_same_idempotency_key_adds_one_offer(api, hospital, hospital_admin, treatment):
    client = api(hospital_admin)
    answers = [client.post(at(hospital), new(treatment), headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 201]
    assert Offer.objects.count() == 1


def test_a_treatment_is_offered_once(api, hospital, hospital_admin, offer):
    for _ in range(2):
        refused = api(hospital_admin).post(at(hospital), new(offer.treatment))
        assert (refused.status_code, refused.json()["code"]) == (409, "offer.exists")
        Offer.objects.update(is_active=False)
    assert Offer.objects.get().price == 480_000


def test_what_is_not_in_the_catalogue_cannot_be_offered(api, hospital, hospital_admin, platform_admin):
    gone = TreatmentFactory(is_active=False)
    for pk in [gone.pk, uuid.uuid4()]:
        refused = api(hospital_admin).post(at(hospital), new(gone, treatment_id=str(pk)))
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["treatment_id"])
    refused = api(platform_admin).post(at(hospital), new(gone))
    assert (refused.status_code, refused.json()["code"]) == (409, "treatment.not_active")


PRICES = [
    ("JPY", "1200", True), ("JPY", "1200.5", False), ("JPY", "1200.0", True),
    ("USD", "1200.55", True), ("USD", "1200.555", False), ("USD", "0.01", True),
    ("KWD", "1200.555", True), ("KWD", "1200.5555", False), ("KWD", "0.001", True),
    ("INR", "0", False), ("INR", "-5", False), ("INR", "NaN", False), ("INR", "1e99", False),
    ("INR", "99999999999.99", True), ("INR", "100000000000", False), ("INR", "abc", False),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "price", "fits"), PRICES)
def test_a_price_has_the_places_of_its_currency(api, hospital, hospital_admin, treatment, currency, price, fits):
    response = api(hospital_admin).post(at(hospital), new(treatment, currency=currency, price=price))
    if fits:
        assert response.status_code == 201, response.content
        assert Offer.objects.get().price == Decimal(price)
    else:
        assert (response.status_code, list(response.json()["errors"])) == (400, ["price"])
        assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"success_rate": "100.1"}, "success_rate"),
        ({"success_rate": "-1"}, "success_rate"),
        ({"success_rate": "97.45"}, "success_rate"),
        ({"stay_days": 1}, "stay_days"),
        ({"currency": "XXQ"}, "currency"),
        ({"inclusions": ["One stent"]}, "inclusions"),
        ({"inclusions": {"en": "One stent"}}, "inclusions"),
        ({"inclusions": {"en": [5]}}, "inclusions"),
        ({"inclusions": {"xx": ["?"]}}, "inclusions"),
        ({"inclusions": {"en": ["x"] * 41}}, "inclusions.en"),
        ({"exclusions": {"ar": ["x" * 201]}}, "exclusions.ar"),
    ],
)
def test_an_offer_that_cannot_be_is_refused_by_field(api, hospital, hospital_admin, treatment, change, named):
    response = api(hospital_admin).post(at(hospital), new(treatment, **change))
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    assert not Offer.objects.exists()


def test_success_from_none_to_all_and_forty_items_are_fine(api, hospital, hospital_admin, treatment):
    body = new(treatment, success_rate="100.0", inclusions={"en": ["x" * 200] * 40}, stay_days=2)
    assert api(hospital_admin).post(at(hospital), body).status_code == 201
    assert api(hospital_admin).patch(one(Offer.objects.get()), {"success_rate": 0}).status_code == 200


def test_what_is_not_named_stays(api, hospital_admin, offer):
    Offer.objects.update(inclusions_en="One stent", inclusions_fr="Un stent", stay_days=9)
    client = api(hospital_admin)
    response = client.patch(one(offer), {"price": "300000", "inclusions": {"fr": []}})
    assert response.status_code == 200, response.content
    offer.refresh_from_db()
    assert (offer.price, offer.stay_days, offer.inclusions_en, offer.inclusions_fr) == (300_000, 9, "One stent", "")
    assert list(client.patch(one(offer), {"hospital_days": 10}).json()["errors"]) == ["stay_days"]


def test_a_new_currency_comes_with_a_new_price(api, hospital_admin, offer):
    client = api(hospital_admin)
    assert list(client.patch(one(offer), {"currency": "USD"}).json()["errors"]) == ["price"]
    assert client.patch(one(offer), {"currency": "INR"}).status_code == 200
    assert client.patch(one(offer), {"currency": "USD", "price": "5200.00"}).status_code == 200
    offer.refresh_from_db()
    assert (offer.currency, offer.price) == ("USD", 5200)


def test_withdrawing_takes_the_offer_off_the_lists_and_it_can_come_back(api, hospital_admin, offer):
    client = api(hospital_admin)
    assert [client.delete(one(offer)).status_code for _ in range(2)] == [204, 204]
    assert rows(api().get(hospitals_of(offer.treatment))) == []
    assert client.patch(one(offer), {"is_active": True}).status_code == 200
    assert len(rows(api().get(hospitals_of(offer.treatment)))) == 1


@pytest.mark.parametrize("act", ["create", "change", "delete"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 401), ("coordinator", 403), ("support", 403), ("translator", 403), ("doctor", 403),
        ("patient", 403), ("other_hospital_admin", 404),
    ],
)  # fmt: skip
def test_who_may_not_write(api, cast, hospital, offer, who, status, act):
    method, url, body = {
        "create": ("post", at(hospital), new(TreatmentFactory())),
        "change": ("patch", one(offer), {"inclusions": {"en": [CANARY]}}),
        "delete": ("delete", one(offer), None),
    }[act]
    response = getattr(api(cast[who]), method)(url, body)
    assert response.status_code == status, response.content
    row = Offer.objects.get()
    assert (row.inclusions_en or "", row.is_active) == ("", True)


def test_another_hospitals_offer_answers_as_a_random_one(api, hospital_admin, other_hospital):
    other = OfferFactory(hospital=other_hospital)
    client = api(hospital_admin)
    answers = [
        client.patch(url, {"price": "1.00"})
        for url in [one(other), f"{at(other_hospital)}/{uuid.uuid4()}", f"{at(other_hospital)}/{other.pk}"]
    ]
    assert [response.status_code for response in answers] == [404, 404, 404]
    bodies = [{**response.json(), "timestamp": ""} for response in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_translators_change_texts_and_nothing_else(translator, offer):
    services.update_offer(offer, by=translator, inclusions={"fr": "Un stent"})
    offer.refresh_from_db()
    assert offer.inclusions_fr == "Un stent"
    with pytest.raises(Forbidden):
        services.update_offer(offer, by=translator, inclusions={"fr": "?"}, price=Decimal(1))
    offer.refresh_from_db()
    assert (offer.inclusions_fr, offer.price) == ("Un stent", 480_000)


@pytest.mark.parametrize("rows_there", [3, 40])
def test_the_lists_take_the_same_queries_at_any_length(api, django_assert_num_queries, hospital, treatment, rows_there):
    store_rates()
    for _ in range(rows_there):
        there = HospitalFactory(cover=StoredFileFactory())
        accredit(there, "JCI", verification="approved")
        OfferFactory(treatment=treatment, hospital=there)
        OfferFactory(hospital=hospital)
    patient = api(UserFactory())
    query = {"limit": 100, "currency": "USD", "price_min": "1", "lang": "hi", "sort_by": "price"}
    api().get(hospitals_of(treatment), query)
    for url in [hospitals_of(treatment), at(hospital)]:
        with django_assert_num_queries(2):
            assert len(rows(api().get(url, query))) == rows_there
        with django_assert_num_queries(3):
            patient.get(url, query)


def test_many_offers_are_locked_in_the_order_of_their_ids_as_by_whoever_prices_all_anew(hospital, hospital_admin):
    offers = [OfferFactory(hospital=hospital, price=price) for price in (300, 200, 100)]
    wanted = [services.WantedOffer(hospital, offer.treatment, {"hospital_days": 2}) for offer in offers]
    with CaptureQueriesContext(connection) as queries:
        assert services.save_offers(wanted, by=hospital_admin) == [None] * 3
    locks = [query["sql"] for query in queries if " FOR NO KEY UPDATE" in query["sql"]]
    assert [sql.partition(" FOR NO")[0].rpartition("ORDER BY ")[2] for sql in locks] == [
        '"hospitals_hospital"."id" ASC',
        '"hospitals_offer"."id" ASC',
    ]
