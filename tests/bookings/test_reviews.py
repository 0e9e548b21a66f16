"""Reviews: of one's own completed consultation, once, verified before anyone reads it; ratings follow exactly."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from apps.bookings import exceptions, services
from apps.bookings.models import Appointment, Review
from apps.bookings.services import reviews
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.hospitals.models import Doctor, Hospital
from tests.factories.bookings import AppointmentFactory, ReviewFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db


def rating(row):
    row.refresh_from_db()
    return row.rating, row.rating_count


@pytest.fixture
def completed(doctor, patient):
    return AppointmentFactory(affiliation=doctor.affiliations.get(), patient=patient, status="consultation_completed")


@pytest.fixture
def review(completed, patient):
    return services.submit_review(completed.pk, by=patient.user, rating=4, text=" Kind and clear. ")


@pytest.fixture
def published(review, platform_admin):
    return services.moderate_review(review.pk, "published", by=platform_admin)


# --- writing ---


def test_a_review_waits_and_changes_nothing_public(review, completed, doctor, hospital):
    assert (review.status, review.text, review.language) == ("pending", "Kind and clear.", "en")
    assert (review.doctor_id, review.hospital_id) == (doctor.pk, hospital.pk)
    assert rating(doctor) == rating(hospital) == (0, 0)


@pytest.mark.parametrize(
    "status", [value for value in Appointment.workflow.statuses if value != "consultation_completed"]
)
def test_only_a_completed_consultation_is_reviewed(completed, patient, status):
    needed = {
        "cancelled": {"cancelled_by": "patient", "cancelled_at": completed.created_at},
        "held": {"held_until": completed.created_at + timedelta(minutes=10)},
    }
    Appointment.objects.update(status=status, **needed.get(status, {}))
    with pytest.raises(exceptions.NotCompleted):
        services.submit_review(completed.pk, by=patient.user, rating=5)
    assert not Review.objects.exists()


def test_a_consultation_is_reviewed_once(review, completed, patient):
    with pytest.raises(exceptions.AlreadyReviewed):
        services.submit_review(completed.pk, by=patient.user, rating=1)
    assert Review.objects.get().rating == 4


def test_nobody_reviews_anothers_consultation(completed, other_patient, doctor, coordinator):
    with pytest.raises(NotFound):
        services.submit_review(completed.pk, by=other_patient.user, rating=5)
    for user in (doctor.user, coordinator):
        with pytest.raises(Forbidden):
            services.submit_review(completed.pk, by=user, rating=5)
    assert not Review.objects.exists()


@pytest.mark.parametrize("wrong", [{"rating": 0}, {"rating": 6}, {"rating": 3, "text": "x" * 4_001}])
def test_a_rating_is_1_to_5_and_a_text_is_not_endless(completed, patient, wrong):
    with pytest.raises(Invalid):
        services.submit_review(completed.pk, by=patient.user, **wrong)
    assert not Review.objects.exists()


def test_the_database_too_refuses_a_second_review_and_a_rating_of_six(review):
    for wrong in ({"rating": 6}, {"status": "published"}, {"reply": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewFactory(appointment=review.appointment)


# --- verifying ---


def test_a_published_review_counts_and_one_taken_down_counts_no_more(review, doctor, hospital, support_agent):
    services.moderate_review(review.pk, "published", by=support_agent)
    assert rating(doctor) == rating(hospital) == (Decimal("4.00"), 1)
    services.moderate_review(review.pk, "rejected", by=support_agent, reason="It names a third person")
    assert rating(doctor) == rating(hospital) == (0, 0)
    review.refresh_from_db()
    assert (review.published_at, review.rejection_reason) == (None, "It names a third person")
    services.moderate_review(review.pk, "published", by=support_agent)
    assert rating(doctor) == (Decimal("4.00"), 1)


def test_a_rejection_says_why(review, platform_admin):
    with pytest.raises(exceptions.ReviewReasonRequired):
        services.moderate_review(review.pk, "rejected", by=platform_admin, reason=" ")
    review.refresh_from_db()
    assert review.status == "pending"


def test_who_does_not_verify_publishes_nothing(review, patient, coordinator, doctor, hospital_admin, platform_admin):
    for user in (patient.user, coordinator):
        with pytest.raises(Forbidden):
            services.moderate_review(review.pk, "published", by=user)
    for user in (doctor.user, hospital_admin):
        with pytest.raises(NotFound):
            services.moderate_review(review.pk, "published", by=user)
    with pytest.raises(MoveNotAllowed):
        services.moderate_review(review.pk, "pending", by=platform_admin)
    assert rating(doctor) == (0, 0)


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [([5, 4], "4.50"), ([5, 5, 4], "4.67"), ([4, 4, 5], "4.33"), ([1, 1, 1, 1, 1, 1, 1, 2], "1.13")],
)
def test_an_average_has_two_places_and_half_goes_up(doctor, hospital, platform_admin, ratings, expected):
    for number in ratings:
        made = ReviewFactory(affiliation=doctor.affiliations.get(), rating=number)
        services.moderate_review(made.pk, "published", by=platform_admin)
    assert rating(doctor) == rating(hospital) == (Decimal(expected), len(ratings))


def test_a_hospitals_rating_is_of_its_doctors_there_and_a_doctors_of_all_places(
    doctor, hospital, other_hospital, platform_admin
):
    there = AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    for affiliation, number in [(doctor.affiliations.get(hospital=hospital), 5), (there, 2)]:
        made = ReviewFactory(affiliation=affiliation, rating=number)
        services.moderate_review(made.pk, "published", by=platform_admin)
    assert rating(hospital) == (5, 1)
    assert rating(other_hospital) == (2, 1)
    assert rating(doctor) == (Decimal("3.50"), 2)


def test_the_command_agrees_with_the_services_and_mends_what_does_not(published, doctor, hospital, capsys):
    call_command("recount_ratings")
    assert capsys.readouterr().out == "doctors: 0 mended, hospitals: 0 mended\n"
    Doctor.objects.update(rating=2, rating_count=9)
    Hospital.objects.update(rating_count=3)
    call_command("recount_ratings")
    assert rating(doctor) == rating(hospital) == (Decimal("4.00"), 1)
    assert services.recount_ratings() == {"doctors": 0, "hospitals": 0}


def test_an_average_between_two_whole_numbers_is_not_mended(doctor):
    for stars in (5, 4, 4):
        review = ReviewFactory(affiliation=doctor.affiliations.get(), rating=stars)
        services.moderate_review(review.pk, "published", by=None)
    assert rating(doctor) == (Decimal("4.33"), 3)
    assert services.recount_ratings() == {"doctors": 0, "hospitals": 0}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["locked", "control: without the locks"])
def test_reviews_published_at_the_same_time_all_count(doctor, hospital, monkeypatch, is_guarded):
    """Each has seen which are published before any of them has committed, were it not for the locks."""
    count = 6
    made = [ReviewFactory(affiliation=doctor.affiliations.get(), rating=1 + n % 5) for n in range(count)]
    if not is_guarded:
        everyone, figures = threading.Barrier(count), reviews._figures

        def look(**whose):
            found = figures(**whose)
            if "doctor" in whose:
                everyone.wait(30)
            return found

        monkeypatch.setattr(reviews, "_locked_with_rated", lambda pk, by: Review.objects.get(pk=pk))
        monkeypatch.setattr(reviews, "_figures", look)
    start = threading.Barrier(count)

    def publish(review):
        try:
            start.wait(30)
            services.moderate_review(review.pk, "published", by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(publish, review) for review in made]:
            future.result(60)
    expected = (Decimal("2.67"), count)
    assert (rating(doctor) == expected) == is_guarded
    assert rating(hospital) == expected or not is_guarded
    monkeypatch.undo()
    services.recount_ratings()
    assert rating(doctor) == rating(hospital) == expected


# --- answering ---


def test_the_reviewed_answers_once(published, doctor, hospital_admin):
    services.reply_to_review(published.pk, by=doctor.user, text=" Thank you. ")
    published.refresh_from_db()
    assert (published.reply, published.replied_by_id) == ("Thank you.", doctor.user_id)
    with pytest.raises(exceptions.AlreadyReplied):
        services.reply_to_review(published.pk, by=hospital_admin, text="We too.")


def test_who_is_not_reviewed_answers_nothing(published, other_doctor, other_hospital_admin, patient, platform_admin):
    for user in (other_doctor.user, other_hospital_admin):
        with pytest.raises(NotFound):
            services.reply_to_review(published.pk, by=user, text="x")
    for user in (patient.user, platform_admin):
        with pytest.raises(Forbidden):
            services.reply_to_review(published.pk, by=user, text="x")
    published.refresh_from_db()
    assert published.reply == ""


def test_what_waits_is_not_answered_and_an_answer_says_something(review, doctor, platform_admin):
    with pytest.raises(NotFound):
        services.reply_to_review(review.pk, by=doctor.user, text="x")
    services.moderate_review(review.pk, "published", by=platform_admin)
    with pytest.raises(Invalid):
        services.reply_to_review(review.pk, by=doctor.user, text="  ")


# --- over the API ---


def shown(client, doctor, **asked):
    response = client.get(f"/api/v1/doctors/{doctor.pk}/reviews", asked)
    assert response.status_code == 200, response.json()
    return response.json()["data"]


def test_everybody_reads_what_was_published_and_of_the_writer_the_country_only(api, published, patient, doctor):
    type(patient).objects.update(country="NG")
    ReviewFactory(affiliation=doctor.affiliations.get(), text="KANARI")
    response = api().get(f"/api/v1/doctors/{doctor.pk}/reviews")
    [row] = response.json()["data"]
    assert (row["rating"], row["text"], row["country"]) == (4, "Kind and clear.", "NG")
    assert row["author"] == "A patient from Nigeria"
    assert row["month"] == f"{published.published_at:%Y-%m}"
    text = response.content.decode()
    assert "KANARI" not in text
    for secret in (patient.user.first_name, patient.user.last_name, str(patient.pk), str(published.appointment_id)):
        assert secret not in text


def test_newest_come_first_or_as_asked(api, doctor, platform_admin):
    for number in (3, 5, 1):
        made = ReviewFactory(affiliation=doctor.affiliations.get(), rating=number)
        services.moderate_review(made.pk, "published", by=platform_admin)
    assert [row["rating"] for row in shown(api(), doctor)] == [1, 5, 3]
    assert [row["rating"] for row in shown(api(), doctor, sort_by="rating", sort_order="desc")] == [5, 3, 1]
    assert [row["rating"] for row in shown(api(), doctor, sort_by="newest", sort_order="desc")] == [3, 5, 1]


def test_the_list_is_one_query(api, doctor, platform_admin, django_assert_num_queries):
    for _number in range(5):
        made = ReviewFactory(affiliation=doctor.affiliations.get())
        services.moderate_review(made.pk, "published", by=platform_admin)
    with django_assert_num_queries(1):
        assert len(shown(api(), doctor)) == 5


def test_a_doctor_without_reviews_has_an_empty_list_and_one_who_is_not_listed_none(
    api, published, other_doctor, doctor
):
    assert shown(api(), other_doctor) == []
    Doctor.objects.filter(pk=doctor.pk).update(is_active=False)
    assert api().get(f"/api/v1/doctors/{doctor.pk}/reviews").status_code == 404


# --- in the admin ---


def page(name, *args):
    return reverse(f"admin:bookings_review_{name}", args=args)


def test_support_finds_what_waits_and_publishes_it(client, review, support_agent, doctor):
    client.force_login(support_agent)
    waiting = client.get(page("changelist"), {"status__exact": "pending"})
    assert [row.pk for row in waiting.context["cl"].result_list] == [review.pk]
    assert client.get(page("change", review.pk)).status_code == 200
    url = page("move", review.pk, "published")
    assert client.post(url, {"seen": "pending", "note": ""}).status_code == 302
    assert rating(doctor) == (Decimal("4.00"), 1)


def test_a_reason_is_asked_for_a_rejection_and_nothing_that_would_be_thrown_away_for_a_publication(
    client, review, support_agent
):
    client.force_login(support_agent)
    assert "note" in client.get(page("move", review.pk, "rejected")).context["form"].fields
    published = client.get(page("move", review.pk, "published"))
    assert "note" not in published.context["form"].fields
    assert 'name="note"' not in published.content.decode()


def test_whoever_verifies_reviews_reads_in_the_history_what_became_of_one(client, review, support_agent):
    services.moderate_review(review.pk, "rejected", by=support_agent, reason="KANARI")
    client.force_login(support_agent)
    [changed, _created] = client.get(page("history", review.pk)).context["lines"]
    said = {change.label: (change.before, change.after) for change in changed.changes}
    assert said["Status"] == ("Waits to be verified", "Rejected")


def test_a_hospital_sees_its_published_reviews_without_whose_they_are_and_answers(
    client, published, hospital_admin, other_hospital_admin, patient
):
    waiting = ReviewFactory(affiliation=published.doctor.affiliations.get(), text="KANARI")
    client.force_login(hospital_admin)
    listed = client.get(page("changelist"))
    assert [row.pk for row in listed.context["cl"].result_list] == [published.pk]
    assert client.get(page("change", waiting.pk)).status_code == 302
    for address in (page("change", published.pk), page("history", published.pk)):
        text = client.get(address).content.decode()
        for secret in (patient.user.last_name, str(patient.pk), published.appointment.number):
            assert secret not in text
    assert client.post(page("change", published.pk), {"reply": "Thank you."}).status_code == 302
    published.refresh_from_db()
    assert (published.reply, published.replied_by) == ("Thank you.", hospital_admin)
    client.force_login(other_hospital_admin)
    assert client.get(page("change", published.pk)).status_code == 302
    assert client.post(page("move", published.pk, "rejected"), {"seen": "published", "note": "x"}).status_code == 302
    published.refresh_from_db()
    assert published.status == "published"


def test_nobody_writes_or_removes_a_review_in_the_admin(client, published, platform_admin):
    client.force_login(platform_admin)
    assert client.get(reverse("admin:bookings_review_add")).status_code == 403
    assert client.get(page("delete", published.pk)).status_code == 403
    client.post(page("change", published.pk), {"text": "Better", "rating": 5, "reply": "x"})
    published.refresh_from_db()
    assert (published.text, published.rating, published.reply) == ("Kind and clear.", 4, "")


def test_others_do_not_see_reviews_in_the_admin(client, published, translator):
    client.force_login(translator)
    assert client.get(page("changelist")).status_code == 403


def test_patients_and_strangers_see_what_is_theirs(review, patient, other_patient, coordinator, doctor):
    PatientFactory()
    assert list(Review.objects.visible_to(patient.user)) == [review]
    assert list(Review.objects.visible_to(coordinator)) == [review]
    for user in (other_patient.user, doctor.user):
        assert not Review.objects.visible_to(user).exists()
