"""Medicines against allergies: what matches, in five languages; what could not be compared; and the race with a nurse
who adds an allergy while the doctor signs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.clinical import allergy_classes, exceptions, rules, services
from apps.clinical.models import Allergy, Patient
from tests.factories.clinical import PatientFactory
from tests.factories.consent import CareFactory
from tests.factories.hospitals import DoctorFactory, HospitalFactory
from tests.factories.prescriptions import AMOXICILLIN, asked, drafted

GIVE_UP_SECONDS = 30


def checked(medicine, *allergies, was_asked=True, is_medicine=True, classes=None):
    pairs = [(allergy, is_medicine) for allergy in allergies]
    return rules.check_allergies([medicine], pairs, was_asked=was_asked, classes=classes or allergy_classes.classes())


@pytest.mark.parametrize(
    ("medicine", "allergy", "relation"),
    [
        ("Amoxicillin 500 mg", "amoxicillin", "same"),
        ("Amoxycillin", "AMOXICILINA", "same"),
        ("Augmentin 625", "Amoxicilline", "same"),
        ("एमोक्सिसिलिन", "Amoxil", "same"),
        ("Paracetamol", "باراسيتامول", "same"),
        ("Acetaminophen", "Doliprane", "same"),
        ("Amoxicillin", "Penicilin", "class"),  # as people misspell it
        ("Amoxicilina", "alergia a la penicilina", "class"),
        ("Amoxicilline", "Pénicilline", "class"),
        ("أموكسيسيلين", "حساسية من البنسلين", "class"),
        ("Amoxicillin", "पेनिसिलिन", "class"),
        ("Ibuprofen", "Aspirin", "class"),
        ("Diclofenac", "AINE", "class"),
        ("Co-trimoxazole", "allergie aux sulfamides", "class"),
        ("Tramadol", "Codéine", "class"),
        ("Iohexol", "صبغة الأشعة", "class"),
        ("Azithromycin", "antibióticos", "class"),
        ("Ceftriaxone", "Penicillin", "cross"),
        ("Meropenem", "Cefalexina", "cross"),
        ("Zyxabcin", "zyxabcin", "name"),
    ],
)
def test_a_medicine_that_goes_against_an_allergy_warns(medicine, allergy, relation):
    outcome, findings = checked(medicine, allergy)
    assert (outcome, findings[0]["relation"]) == ("warning", relation)
    assert (findings[0]["medicine"], findings[0]["allergy"]) == (medicine, allergy)


@pytest.mark.parametrize(
    ("medicine", "allergy"),
    [
        ("Metformin", "Penicillin"),
        ("Paracetamol", "Aspirin"),
        ("Amoxicillin / clavulanic acid 875 mg / 125 mg", "Codeine"),
        ("Paracetamol 500 mg film-coated tablets", "Penicillin"),
        ("Gadobutrol", "contraste yodado"),
        ("باراسيتامول", "بنسلين"),
    ],
)
def test_where_both_are_known_and_have_nothing_in_common_the_list_is_clear(medicine, allergy):
    assert checked(medicine, allergy) == ("clear", [])


@pytest.mark.parametrize("nothing", ["None", "no known allergies", "NKDA", "Ninguna", "aucune", "لا يوجد", "कोई नहीं"])
def test_the_word_for_none_is_no_allergy(nothing):
    assert checked("Amoxicillin", nothing) == ("clear", [])


@pytest.mark.parametrize(
    ("medicine", "allergy", "reason"),
    [
        ("Paracetamol", "the blue pills", "unknown_substance"),
        ("Zyxabcin", "Penicillin", "unknown_medicine"),
        ("Paracetamol/Zyxabcin", "Penicillin", "unknown_medicine"),  # known by half of its name
        ("Paracetamol", "青霉素", "unreadable"),
        ("Парацетамол", "Penicillin", "unreadable"),
    ],
)
def test_what_cannot_be_compared_is_said_and_never_called_clear(medicine, allergy, reason):
    outcome, findings = checked(medicine, allergy)
    assert (outcome, [finding["reason"] for finding in findings]) == ("not_run", [reason])


def test_without_having_been_asked_an_empty_list_says_nothing():
    outcome, findings = checked("Paracetamol", was_asked=False)
    assert (outcome, findings[0]["reason"]) == ("not_run", "not_asked")
    assert checked("Paracetamol") == ("clear", [])


def test_a_match_warns_even_where_nobody_has_asked():
    outcome, findings = checked("Amoxicillin", "Penicillin", was_asked=False)
    assert outcome == "warning"
    assert [finding["relation"] or finding["reason"] for finding in findings] == ["class", "not_asked"]


def test_food_and_pollen_are_compared_by_their_words_alone():
    assert checked("Paracetamol", "birch pollen", is_medicine=False) == ("clear", [])


def test_every_class_names_ingredients_that_are_there_and_no_name_is_of_two_ingredients():
    classes = allergy_classes.classes()
    known = set(classes.classes_of)
    assert all(members <= known for members in classes.members.values())
    assert {words for words, codes in classes.ingredients.items() if len(codes) > 1} == set()
    assert all(pair <= set(classes.members) for pair in classes.cross_reactions)


@pytest.mark.django_db(transaction=True)
def test_an_allergy_that_is_added_while_the_doctor_signs_is_seen():
    """The signature waits for the patient's lock, which whoever adds an allergy holds, and compares after it."""
    patient, doctor, hospital = asked(PatientFactory()), DoctorFactory(), HospitalFactory()
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    draft = drafted(patient, doctor, AMOXICILLIN)
    holds, go = threading.Event(), threading.Event()

    def add_allergy():
        try:
            with transaction.atomic():
                Patient.objects.lock(patient.pk)
                holds.set()
                go.wait(GIVE_UP_SECONDS)
                Allergy.objects.create(patient=patient, substance="Penicillin")
        finally:
            connection.close()

    def sign():
        try:
            holds.wait(GIVE_UP_SECONDS)
            services.sign_prescription(draft.pk, by=doctor.user)
        finally:
            connection.close()

    def waits():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            return cursor.fetchone()[0]

    with ThreadPoolExecutor(2) as pool:
        adding, signing = pool.submit(add_allergy), pool.submit(sign)
        holds.wait(GIVE_UP_SECONDS)
        while not waits() and not signing.done():
            pass
        go.set()
        adding.result(GIVE_UP_SECONDS)
        with pytest.raises(exceptions.AllergyWarning):
            signing.result(GIVE_UP_SECONDS)
    draft.refresh_from_db()
    assert (draft.status, draft.allergy_check) == ("draft", "warning")
