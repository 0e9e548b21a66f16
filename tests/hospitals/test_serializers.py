"""What is answered is what the schema says: the same fields at every depth, whoever asks."""

import pytest
from rest_framework import serializers as drf

from apps.hospitals import serializers, services
from tests.factories.hospitals import AccreditationFactory, HospitalDocumentFactory, HospitalImageFactory
from tests.factories.media import DocumentFactory

pytestmark = pytest.mark.django_db


def differences(value, shape, path=""):
    """Where an answer and its serializer disagree on the fields."""
    if isinstance(shape, drf.ListSerializer):
        return [found for item in value for found in differences(item, shape.child, f"{path}[]")]
    if not isinstance(shape, drf.Serializer) or value is None:
        return []
    found = [f"{path}.{name}" for name in set(value) ^ set(shape.fields)]
    for name, field in shape.fields.items():
        if name in value:
            found += differences(value[name], field, f"{path}.{name}")
    return found


@pytest.mark.parametrize("who", [None, "platform_admin", "hospital_admin"])
@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/v1/specialties", serializers.SpecialtySummary(many=True)),
        ("/api/v1/hospitals", serializers.ListedHospital(many=True)),
        ("/api/v1/hospitals/{hospital}", serializers.HospitalDetail()),
        ("/api/v1/doctors", serializers.ListedDoctor(many=True)),
        ("/api/v1/doctors/{doctor}", serializers.DoctorDetail()),
        ("/api/v1/hospitals/{hospital}/doctors", serializers.ListedDoctor(many=True)),
    ],
)
def test_an_answer_has_the_fields_of_its_schema(api, request, doctor, hospital, who, path, shape):
    hospital.specialties.add(doctor.specialty)
    AccreditationFactory(hospital=hospital, document=DocumentFactory())
    image = HospitalImageFactory(hospital=hospital)
    HospitalDocumentFactory(hospital=hospital)
    services.update_hospital(hospital, by=None, logo=image.file, cover=image.file)
    client = api(request.getfixturevalue(who)) if who else api()
    data = client.get(path.format(doctor=doctor.pk, hospital=hospital.pk)).json()["data"]
    assert data
    assert differences(data, shape) == []
