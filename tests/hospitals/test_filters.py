"""Filters of doctors and hospitals by price, place, accreditation and time; and how far away each is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.common.exchange import Rate
from apps.common.exchange import services as exchange_services
from apps.hospitals.models import Accreditation, AccreditationBody, Doctor
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db

CHENNAI = "13.08,80.27"


def answer(api, path, **query):
    response = api().get(f"/api/v1/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def doctors(api, **query):
    return [row["last_name"] for row in answer(api, "doctors", **query)["data"]]


def hospitals(api, **query):
    return [row["name"] for row in answer(api, "hospitals", **query)["data"]]


def refused(api, path, **query):
    response = api().get(f"/api/v1/{path}", query)
    assert response.status_code == 400, response.content
    return list(response.json()["errors"])


# --- fees ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fees(db):
    """At 100 rupees, 1.25 dollars and 160 yen for a euro: 15, 8, 10 and 40 euros; and without a fee, without a rate."""
    today = timezone.now().date()
    rates = [("INR", 100), ("USD", "1.25"), ("JPY", 160)]
    exchange_services.store_rates([Rate(code, today, Decimal(rate), "ECB") for code, rate in rates], today=today)
    for name, fee, currency in [
        ("Rupee", 1500, "INR"), ("Dollar", 10, "USD"), ("Yen", 1600, "JPY"), ("Euro", 40, "EUR"), ("Free", None, ""),
        ("Unrated", 5, "XAF"),
    ]:  # fmt: skip
        DoctorFactory(user__last_name=name, consultation_fee=fee, currency=currency)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"fee_max": "10", "currency": "EUR"}, {"Dollar", "Yen"}),
        ({"fee_min": "15", "currency": "EUR"}, {"Rupee", "Euro"}),
        ({"fee_min": "800", "fee_max": "1000", "currency": "INR"}, {"Dollar", "Yen"}),
        ({"fee_min": "12.50", "fee_max": "12.50", "currency": "USD"}, {"Yen"}),
        ({"fee_min": "6400", "currency": "JPY"}, {"Euro"}),
        ({"fee_min": "0", "currency": "EUR"}, {"Rupee", "Dollar", "Yen", "Euro"}),
        ({"currency": "USD"}, {"Rupee", "Dollar", "Yen", "Euro", "Free", "Unrated"}),
    ],
)
def test_doctors_by_a_fee_in_any_currency(api, fees, query, found):
    assert set(doctors(api, **query)) == found


@pytest.mark.parametrize(("order", "first"), [("asc", ["Dollar", "Yen", "Rupee", "Euro"]),
                                              ("desc", ["Euro", "Rupee", "Yen", "Dollar"])])  # fmt: skip
def test_fees_of_all_currencies_are_sorted_and_unknown_ones_come_last(api, fees, order, first):
    assert doctors(api, sort_by="fee", sort_order=order)[:4] == first


def test_a_fee_is_also_shown_in_the_asked_currency_with_source_and_day_of_the_rates(api, fees):
    body = answer(api, "doctors", currency="USD")
    shown = {row["last_name"]: row["converted_fee"] for row in body["data"]}
    rate = {"source": "ECB", "on": timezone.now().date().isoformat(), "is_old": False}
    assert shown["Rupee"] == {"amount": "18.75", "currency": "USD", "rate": rate}
    assert shown["Dollar"] is shown["Free"] is shown["Unrated"] is None
    assert body["meta"]["rates"] == rate


def test_without_a_currency_nothing_is_converted(api, fees):
    body = answer(api, "doctors")
    assert {row["converted_fee"] for row in body["data"]} == {None}
    assert body["meta"]["rates"] is None


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"fee_min": "10"}, "currency"),
        ({"fee_max": "10"}, "currency"),
        ({"fee_min": "cheap", "currency": "USD"}, "fee_min"),
        ({"fee_max": "-1", "currency": "USD"}, "fee_max"),
        ({"fee_max": "NaN", "currency": "USD"}, "fee_max"),
        ({"fee_max": "1e999", "currency": "USD"}, "fee_max"),
        ({"fee_min": "10", "currency": "usd"}, "currency"),
        ({"fee_min": "10", "currency": "XAF"}, "currency"),
        ({"next_free_before": "tomorrow"}, "next_free_before"),
        ({"next_free_before": "2027-01-31T09:00:00"}, "next_free_before"),
        ({"next_free_before": "9999-12-31T23:59:59-23:59"}, "next_free_before"),
        ({"accreditation": "XYZ"}, "accreditation"),
        ({"near": "Chennai"}, "near"),
        ({"near": "13.08"}, "near"),
        ({"near": "91,0"}, "near"),
        ({"near": "0,181"}, "near"),
        ({"near": "nan,inf"}, "near"),
        ({"near": "1e1,5"}, "near"),
        ({"near": "1,2,3"}, "near"),
        ({"near": "٣,٤"}, "near"),
        ({"within_km": "10"}, "near"),
        ({"sort_by": "distance"}, "near"),
        ({"near": CHENNAI, "within_km": "0"}, "within_km"),
        ({"near": CHENNAI, "within_km": "-5"}, "within_km"),
        ({"near": CHENNAI, "within_km": "far"}, "within_km"),
        ({"near": CHENNAI, "within_km": "1000000"}, "within_km"),
    ],
)
def test_a_wrong_value_is_refused_by_name(api, fees, query, named):
    assert refused(api, "doctors", **query) == [named]


# --- accreditation ---------------------------------------------------------------------------------------------------


@pytest.fixture
def accredited(db):
    jci, nabh = (AccreditationBody.objects.create(code=code, name=code) for code in ["JCI", "NABH"])
    today = timezone.now().date()
    for name, body, verification, expires_on in [
        ("Valid", jci, "approved", today), ("Endless", jci, "approved", None), ("Other", nabh, "approved", today),
        ("Lapsed", jci, "approved", today - timedelta(days=1)), ("Waiting", jci, "pending", None),
    ]:  # fmt: skip
        hospital = HospitalFactory(name=name)
        Accreditation.objects.create(
            hospital=hospital, body=body, number="1", verification=verification, expires_on=expires_on
        )
        AffiliationFactory(hospital=hospital, doctor=DoctorFactory(user__last_name=name))


def test_accreditations_count_once_approved_through_their_last_day(api, accredited):
    assert sorted(hospitals(api, accreditation="JCI")) == ["Endless", "Valid"]
    assert sorted(doctors(api, accreditation="JCI")) == ["Endless", "Valid"]
    assert doctors(api, accreditation="NABH") == ["Other"]


# --- time ------------------------------------------------------------------------------------------------------------


def test_doctors_by_the_next_free_time(api):
    now = timezone.now()
    for name, hours in [("Soon", 2), ("Later", 50), ("Over", -1), ("Never", None)]:
        doctor = DoctorFactory(user__last_name=name)
        at = None if hours is None else now + timedelta(hours=hours)
        Doctor.objects.filter(pk=doctor.pk).update(next_free_at=at)
    assert doctors(api, next_free_before=(now + timedelta(hours=3)).isoformat()) == ["Soon"]
    assert doctors(api, next_free_before=f"{now + timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}", sort_by="next_free") == [
        "Soon", "Later"
    ]  # fmt: skip
    assert doctors(api, sort_by="next_free")[-1] == "Never"
    assert doctors(api, sort_by="next_free", sort_order="desc")[0] == "Later"


# --- distance --------------------------------------------------------------------------------------------------------


PLACES = [
    ("Chennai", "13.08", "80.27"), ("Bengaluru", "12.97", "77.59"), ("Fiji", "-18.14", "178.44"),
    ("Samoa", "-13.83", "-171.77"), ("Tromsø", "69.65", "18.96"), ("Alert", "82.50", "-62.35"), ("Nowhere", None, None),
]  # fmt: skip


@pytest.fixture
def world(db):
    for name, latitude, longitude in PLACES:
        hospital = HospitalFactory(name=name, latitude=latitude, longitude=longitude)
        AffiliationFactory(hospital=hospital, doctor=DoctorFactory(user__last_name=name))


@pytest.mark.parametrize(
    ("near", "within", "found"),
    [
        (CHENNAI, "10", ["Chennai"]),
        (CHENNAI, "300", ["Chennai", "Bengaluru"]),
        ("12.97,77.59", "289", ["Bengaluru"]),
        ("-18.0,179.9", "1200", ["Fiji", "Samoa"]),
        ("-14,-179.9", "1000", ["Fiji", "Samoa"]),
        ("89.9,0", "900", ["Alert"]),
        ("85,117", "1500", ["Alert"]),
        ("70,-179", "1000", []),
    ],
)
def test_what_lies_within_a_distance_also_across_the_date_line_and_the_pole(api, world, near, within, found):
    assert hospitals(api, near=near, within_km=within, sort_by="distance") == found
    assert doctors(api, near=near, within_km=within, sort_by="distance") == found


def test_the_nearest_comes_first_and_says_how_far_it_is(api, world):
    body = answer(api, "hospitals", near=CHENNAI, sort_by="distance")
    assert [row["name"] for row in body["data"]][:2] == ["Chennai", "Bengaluru"]
    assert body["data"][-1]["name"] == "Nowhere"
    assert (body["data"][0]["distance_km"], body["data"][-1]["distance_km"]) == (0.0, None)
    assert 285 < body["data"][1]["distance_km"] < 295
    farthest = answer(api, "hospitals", near=CHENNAI, sort_by="distance", sort_order="desc")["data"]
    assert (farthest[0]["name"], farthest[-1]["name"]) == ("Samoa", "Nowhere")


def test_without_a_point_no_distance_is_said(api, world):
    assert {row["distance_km"] for row in answer(api, "doctors")["data"]} == {None}


# --- together --------------------------------------------------------------------------------------------------------


def test_all_filters_together_are_one_query(api, fees, accredited, django_assert_num_queries):
    query = {
        "country": "IN", "city": "chennai", "language": "en", "teleconsult": "false", "min_rating": "0",
        "search": "rupee", "accreditation": "JCI", "near": CHENNAI, "specialty": "cardiology", "fee_min": "1",
        "currency": "USD",
    }  # fmt: skip
    doctors(api, currency="USD")  # from here on the process knows the rates
    AffiliationFactory(
        doctor=Doctor.objects.get(last_name="Rupee"),
        hospital=Accreditation.objects.filter(expires_on=None, verification="approved").get().hospital,
    )
    with django_assert_num_queries(1):
        assert doctors(api, **query) == ["Rupee"]


@pytest.mark.parametrize("city", ["chennai", "CHENNAI", "Chénnai", "تشيناي"])
def test_a_city_is_named_in_any_language_and_spelling(api, city):
    hospital = HospitalFactory(name="There", city_en="Chennai", city_ar="تشيناي")
    AffiliationFactory(hospital=hospital, doctor=DoctorFactory(user__last_name="There"))
    HospitalFactory(name="Elsewhere", city_en="Chennai Beach")
    assert hospitals(api, city=city) == ["There"]
    assert doctors(api, city=city) == ["There"]
