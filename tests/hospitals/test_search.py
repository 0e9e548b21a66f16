"""Search over the four public lists, as people type it in five languages: what is found, and in which order."""

import pytest

from apps.hospitals.filters import searching
from tests.factories.catalogue import CategoryFactory, OfferFactory, PackageFactory, ProcedureFactory, TreatmentFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

LISTS = ["doctors", "hospitals", "treatments", "packages"]


def answer(api, path, **query):
    response = api().get(f"/api/v1/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def names(api, path, **query):
    return [row.get("last_name") or row["name"] for row in answer(api, path, **query)["data"]]


@pytest.fixture
def directory(db):
    """One of each about hearts and joints, with texts in some languages."""
    heart = SpecialtyFactory(
        code="cardiology", name_en="Cardiology", name_ar="طب القلب", name_hi="हृदय रोग विज्ञान", name_es="Cardiología",
        name_fr="Cardiologie", practitioner_en="Cardiologist", practitioner_ar="طبيب قلب", practitioner_es="Cardióloga",
    )  # fmt: skip
    joints = SpecialtyFactory(
        code="orthopaedics", name_en="Orthopaedics", name_fr="Orthopédie", name_ar="جراحة العظام",
        practitioner_en="Orthopaedic surgeon",
    )  # fmt: skip
    lotus = HospitalFactory(
        name_en="Lotus Heart Centre", name_ar="مركز لوتس للقلب", city_en="Chennai", city_ar="تشيناي", city_hi="चेन्नई",
    )  # fmt: skip
    lotus.specialties.add(heart)
    clinic = HospitalFactory(name_en="Clínica San José", city_en="Málaga", country="ES")
    clinic.specialties.add(joints)
    muller = DoctorFactory(user__first_name="Zoë", user__last_name="Müller", specialty=heart)
    AffiliationFactory(doctor=muller, hospital=lotus)
    nunez = DoctorFactory(
        user__first_name="Íñigo", user__last_name="Núñez", specialty=joints, bio_es="Cirugía de rodilla."
    )
    AffiliationFactory(doctor=nunez, hospital=clinic)
    knee = TreatmentFactory(
        code="knee", name_en="Knee replacement", name_ar="استبدال مفصل الركبة", name_es="Prótesis de rodilla",
        name_hi="घुटना प्रत्यारोपण", category=CategoryFactory(code="joints", name_en="Bones and joints"), specialty=joints,
    )  # fmt: skip
    bypass = TreatmentFactory(
        code="bypass", name_en="Heart bypass", name_fr="Pontage coronarien", category=CategoryFactory(), specialty=heart
    )
    bypass.procedures.add(ProcedureFactory(name_en="Coronary angiography", specialty=heart))
    PackageFactory(
        code="knee-week", name_en="Knee fortnight", name_ar="أسبوعان للركبة", country="ES", city_en="Málaga",
        treatments=[knee], hospitals=[clinic],
    )  # fmt: skip


FOUND = [
    # What is typed, in which language, what is found among doctors, hospitals, treatments, packages.
    ("muller", "en", ["Müller"], [], [], []),
    ("MÜLLER", "fr", ["Müller"], [], [], []),
    ("mül", "en", ["Müller"], [], [], []),
    ("nunez", "es", ["Núñez"], [], [], []),
    ("Íñigo NÚÑEZ", "en", ["Núñez"], [], [], []),
    ("cardiologist", "en", ["Müller"], ["Lotus Heart Centre"], ["Heart bypass"], []),
    ("cardiologia", "es", ["Müller"], ["Lotus Heart Centre"], ["Heart bypass"], []),
    ("cardiologie", "fr", ["Müller"], ["Lotus Heart Centre"], ["Pontage coronarien"], []),
    ("القلب", "ar", ["Müller"], ["مركز لوتس للقلب"], ["Heart bypass"], []),
    ("تشيناي", "ar", ["Müller"], ["مركز لوتس للقلب"], [], []),
    ("चेन्नई", "hi", ["Müller"], ["Lotus Heart Centre"], [], []),
    ("हृदय", "hi", ["Müller"], ["Lotus Heart Centre"], ["Heart bypass"], []),
    ("india cardiologist", "en", ["Müller"], ["Lotus Heart Centre"], [], []),
    ("الهند", "ar", ["Müller"], ["مركز لوتس للقلب"], [], []),
    ("españa", "es", ["Núñez"], ["Clínica San José"], [], ["Knee fortnight"]),
    ("malaga", "en", ["Núñez"], ["Clínica San José"], [], ["Knee fortnight"]),
    ("knees", "en", [], [], ["Knee replacement"], ["Knee fortnight"]),
    ("knee", "ar", [], [], ["استبدال مفصل الركبة"], ["أسبوعان للركبة"]),
    ("الرُّكبة", "ar", [], [], ["استبدال مفصل الركبة"], ["أسبوعان للركبة"]),
    ("rodilla", "es", ["Núñez"], [], ["Prótesis de rodilla"], ["Knee fortnight"]),
    ("घुटना", "hi", [], [], ["घुटना प्रत्यारोपण"], ["Knee fortnight"]),
    ("pontage", "fr", [], [], ["Pontage coronarien"], []),
    ("angiography", "en", [], [], ["Heart bypass"], []),
    ("orthopedie", "fr", ["Núñez"], ["Clínica San José"], ["Knee replacement"], []),
    ("muller knee", "en", [], [], [], []),
    ("xylophone", "en", [], [], [], []),
]


@pytest.mark.parametrize(("text", "language", "doctors", "hospitals", "treatments", "packages"), FOUND)
def test_what_is_typed_in_a_language_finds(api, directory, text, language, doctors, hospitals, treatments, packages):
    found = {path: sorted(names(api, path, search=text, lang=language)) for path in LISTS}
    assert found == {"doctors": doctors, "hospitals": hospitals, "treatments": treatments, "packages": packages}


@pytest.mark.parametrize(
    "text",
    [
        "'", '"', "\\", "%", "_", "*", ":*", "!", "& |", "<->", "<3>", "( (", "a & !b",
        "'; DROP TABLE hospitals_doctor; --",
        "{}", "$$", "\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\u202e", "-", "0",
        "a" * 100,
        "🦴 knee' OR 1=1", "<script>", "%s %(x)s", "pg_sleep(10)", "word " * 20,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", LISTS)
def test_whatever_is_typed_is_looked_for_and_never_an_error(api, directory, path, text):
    response = api().get(f"/api/v1/{path}", {"search": text})
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert len(response.json()["data"]) <= 1


def test_blanks_alone_look_for_nothing_and_signs_alone_find_nothing(api, directory):
    assert len(names(api, "doctors", search="   ")) == 2
    assert names(api, "doctors", search="!?") == []


# --- order -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hearts(db):
    """Who says “heart” in the name, the city, and the description; and the rating the other way round."""
    HospitalFactory(name_en="Sunrise", city_en="Kochi", description_en="Heart and more.", rating=5)
    HospitalFactory(name_en="Moonlight", city_en="Heartville", rating=4)
    HospitalFactory(name_en="Heart House", city_en="Kochi", rating=1)
    HospitalFactory(name_en="Heart Harbour", city_en="Kochi", rating=2)


BY_RELEVANCE = ["Heart Harbour", "Heart House", "Moonlight", "Sunrise"]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({}, BY_RELEVANCE),
        ({"sort_by": "relevance"}, BY_RELEVANCE),
        ({"sort_by": "relevance", "sort_order": "desc"}, ["Sunrise", "Moonlight", "Heart Harbour", "Heart House"]),
        ({"sort_by": "rating", "sort_order": "desc"}, ["Sunrise", "Moonlight", "Heart Harbour", "Heart House"]),
        ({"sort_by": "name"}, ["Heart Harbour", "Heart House", "Moonlight", "Sunrise"]),
    ],
)
def test_what_matches_best_comes_first_unless_another_order_is_asked_for(api, hearts, query, order):
    assert names(api, "hospitals", search="heart", **query) == order


@pytest.mark.parametrize("path", LISTS)
def test_relevance_needs_words(api, path):
    response = api().get(f"/api/v1/{path}", {"sort_by": "relevance"})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["sort_by"]


def test_of_very_many_matches_the_first_by_the_lists_own_order_are_ranked(api, hearts, monkeypatch):
    monkeypatch.setattr(searching, "MOST_RELEVANT", 2)
    body = answer(api, "hospitals", search="heart", limit=1)
    assert [row["name"] for row in body["data"]] == ["Heart Harbour"]  # of the three best rated
    assert body["meta"]["pagination"]["total_items"] == 2
    assert body["meta"]["pagination"]["total_is_exact"] is False
    assert api().get("/api/v1/hospitals", {"search": "heart", "limit": 1, "page": 3}).status_code == 404
    assert len(names(api, "hospitals", search="heart", sort_by="name")) == 4


@pytest.mark.parametrize("rows", [3, 40])
@pytest.mark.parametrize("path", LISTS)
def test_a_search_is_one_query_however_much_it_finds(api, path, rows, django_assert_num_queries):
    for number in range(rows):
        hospital = HospitalFactory(name=f"Heart {number}")
        AffiliationFactory(doctor=DoctorFactory(), hospital=hospital)
        treatment = TreatmentFactory(name=f"Heart {number}")
        OfferFactory(treatment=treatment, hospital=hospital)
        PackageFactory(name=f"Heart {number}", treatments=[treatment], hospitals=[hospital])
    with django_assert_num_queries(1):
        assert len(names(api, path, search="heart", limit=100)) == rows
