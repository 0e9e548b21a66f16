"""How many queries each page takes: the same for three rows and for sixty."""

import pytest

from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, SpecialtyFactory
from tests.factories.media import StoredFileFactory

pytestmark = pytest.mark.django_db

#: Path and query, and the number of queries: signed in, one more for the session.
PAGES = [
    ("/api/v1/specialties", {}, 1),
    ("/api/v1/hospitals", {}, 1),
    ("/api/v1/hospitals", {"sort_by": "name", "lang": "ar", "country": "IN", "search": "hospital"}, 1),
    ("/api/v1/hospitals", {"specialization": "cardiology"}, 1),
    ("/api/v1/doctors", {}, 1),
    ("/api/v1/doctors", {"lang": "hi", "country": "IN", "language": "en", "search": "last", "sort_by": "name"}, 1),
    ("/api/v1/doctors", {"specialty": "cardiology"}, 1),
    ("/api/v1/hospitals/{hospital}", {}, 1),
    ("/api/v1/hospitals/{hospital}/doctors", {}, 2),
    ("/api/v1/doctors/{doctor}", {}, 1),
]


def fill(rows):
    """Doctors at two hospitals each, hospitals with three specialties."""
    specialties = [SpecialtyFactory(code=code, name=code) for code in ["cardiology", "urology", "oncology"]]
    picture = StoredFileFactory()
    hospitals = HospitalFactory.create_batch(rows, logo=picture, cover=picture)
    for number, hospital in enumerate(hospitals):
        hospital.specialties.set(specialties)
        doctor = DoctorFactory(specialty=specialties[0])
        AffiliationFactory(doctor=doctor, hospital=hospitals[0], is_primary=True)
        if number:
            AffiliationFactory(doctor=doctor, hospital=hospital, is_primary=False)
    return {"hospital": hospitals[0].pk, "doctor": doctor.pk}


@pytest.mark.parametrize("rows", [3, 60])
def test_a_page_takes_the_same_queries_at_any_number_of_rows(api, rows, django_assert_num_queries, patient, subtests):
    ids = fill(rows)
    signed_in = api(patient.user)
    for path, query, expected in PAGES:
        url = path.format(**ids)
        with subtests.test(path=path, query=query):
            with django_assert_num_queries(expected):
                response = api().get(url, {"limit": 100, **query})
            with django_assert_num_queries(expected + 1):
                signed_in.get(url, {"limit": 100, **query})
            if "{" not in path and path != "/api/v1/specialties":
                assert len(response.json()["data"]) == rows
