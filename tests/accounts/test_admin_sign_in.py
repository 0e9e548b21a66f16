"""Signing in to the admin: password, lock-out, second factor, who gets no further, and how it ends."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.signing import dumps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import second_factor, services
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import Unavailable
from apps.common.models import AuditEntry
from apps.common.throttling import Limit
from tests.factories.accounts import PASSWORD

from .test_second_factor import code_of

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
INDEX = "/admin/"
CODE = "/admin/login/code/"
ENROL = "/admin/login/second-factor/"


def sign_in(client, user, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": user.email, "password": password, **extra})


def is_inside(client):
    return client.get(INDEX).status_code == 200


def text(response):
    return response.content.decode()


def gone(self, key):
    raise Unavailable(retry_after=5)


@pytest.fixture
def later(time_machine):
    """`later(60)`: a minute has passed."""

    def pass_by(seconds):
        time_machine.move_to(timezone.now() + timedelta(seconds=seconds), tick=False)

    return pass_by


@pytest.fixture
def enrolled(coordinator):
    device = second_factor.begin(coordinator)
    codes = second_factor.confirm(coordinator, code_of(device))
    device.refresh_from_db()
    return coordinator, device, codes


class TestPassword:
    def test_staff_get_in_with_e_mail_in_any_case_and_password(self, client, coordinator):
        response = client.post(LOGIN, {"username": coordinator.email.upper(), "password": PASSWORD})
        assert response.headers["Location"] == INDEX
        assert is_inside(client)

    def test_nobody_else_does(self, client, coordinator, patient, doctor):
        for user, password in ((coordinator, "wrong"), (patient.user, PASSWORD), (doctor.user, PASSWORD)):
            response = sign_in(client, user, password)
            assert response.status_code == 200
            assert SESSION_KEY not in client.session
            assert not is_inside(client)

    def test_the_answer_does_not_tell_whether_there_is_an_account(self, client, coordinator):
        def scrubbed(response):
            return re.sub(r'(csrfmiddlewaretoken" value|value)="[^"]*"', "", text(response))

        known = sign_in(client, coordinator, "wrong")
        unknown = client.post(LOGIN, {"username": "nobody@example.com", "password": "wrong"})
        assert scrubbed(known) == scrubbed(unknown)

    def test_five_failures_lock_the_account_and_say_for_how_long(self, client, coordinator):
        for _attempt in range(5):
            sign_in(client, coordinator, "wrong")
        page = text(sign_in(client, coordinator))
        assert "Too many failed attempts" in page
        assert "15 min" in page
        assert not is_inside(client)

    def test_the_api_counts_the_same_failures(self, client, api, coordinator):
        for _attempt in range(5):
            sign_in(client, coordinator, "wrong")
        answer = api().post("/api/v1/auth/login", {"email": coordinator.email, "password": PASSWORD})
        assert answer.status_code == 429

    def test_without_redis_nobody_gets_in_and_the_page_says_to_come_back(self, client, coordinator, monkeypatch):
        monkeypatch.setattr(Limit, "take", gone)
        page = text(sign_in(client, coordinator))
        assert "temporarily unavailable" in page
        assert SESSION_KEY not in client.session

    def test_the_wanted_page_is_reached_and_no_foreign_one(self, client, coordinator):
        wanted = reverse("admin:security")
        assert sign_in(client, coordinator, next=wanted).headers["Location"] == wanted
        client.logout()
        for foreign in ("https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"):
            assert sign_in(client, coordinator, next=foreign).headers["Location"] == INDEX
            client.logout()

    def test_the_session_gets_a_new_key(self, client, coordinator):
        client.get(LOGIN)
        client.session.save()
        before = client.session.session_key
        sign_in(client, coordinator)
        assert client.session.session_key != before

    def test_the_form_needs_its_token(self, coordinator):
        strict = Client(enforce_csrf_checks=True)
        assert sign_in(strict, coordinator).status_code == 403

    def test_successes_and_failures_stand_in_the_audit_trail(self, client, coordinator):
        sign_in(client, coordinator, "wrong")
        sign_in(client, coordinator)
        acts = list(AuditEntry.objects.filter(object_id=coordinator.pk).order_by("id").values_list("action", flat=True))
        assert [act for act in acts if act.startswith("sign_in")] == ["sign_in.failed", "sign_in.succeeded"]

    def test_the_pages_speak_the_persons_language_where_the_browser_has_none(self, client, coordinator):
        User.objects.filter(pk=coordinator.pk).update(language="ar")
        assert sign_in(client, coordinator).cookies["django_language"].value == "ar"
        assert 'dir="rtl"' in text(client.get(INDEX))

    @pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
    def test_the_sign_in_page_exists_in_every_language(self, client, language):
        page = text(client.get(LOGIN, headers={"accept-language": language}))
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page


class TestSecondFactor:
    def test_the_password_alone_signs_nobody_in(self, client, enrolled):
        person, _device, _codes = enrolled
        response = sign_in(client, person)
        assert response.headers["Location"].startswith(CODE)
        assert SESSION_KEY not in client.session
        assert not is_inside(client)

    def test_the_code_does_and_leads_to_the_wanted_page(self, client, enrolled):
        person, device, _codes = enrolled
        wanted = reverse("admin:security")
        page = sign_in(client, person, next=wanted).headers["Location"]
        response = client.post(page, {"code": code_of(device, ahead=1)})
        assert response.headers["Location"] == wanted
        assert is_inside(client)

    def test_a_recovery_code_does_and_the_page_says_how_many_are_left(self, client, enrolled):
        person, _device, codes = enrolled
        sign_in(client, person)
        page = text(client.post(CODE, {"code": codes[0]}, follow=True))
        assert "9 are left" in page
        assert is_inside(client)

    def test_a_wrong_code_does_not(self, client, enrolled):
        person, _device, _codes = enrolled
        sign_in(client, person)
        assert client.post(CODE, {"code": "000000"}).status_code == 200
        assert not is_inside(client)

    def test_without_the_password_first_there_is_no_asking_for_a_code(self, client, enrolled):
        _person, device, _codes = enrolled
        assert client.get(CODE).headers["Location"].startswith(LOGIN)
        assert client.post(CODE, {"code": code_of(device, ahead=1)}).headers["Location"].startswith(LOGIN)
        assert not is_inside(client)

    def test_the_password_is_good_for_ten_minutes(self, client, enrolled, later):
        person, device, _codes = enrolled
        sign_in(client, person)
        later(10 * 60 + 1)
        assert client.post(CODE, {"code": code_of(device)}).headers["Location"].startswith(LOGIN)

    @pytest.mark.parametrize("changes", [{"is_active": False}, {"password": "!"}])
    def test_a_deactivation_or_a_new_password_meanwhile_ends_it(self, client, enrolled, changes):
        person, device, _codes = enrolled
        sign_in(client, person)
        User.objects.filter(pk=person.pk).update(**changes)
        assert client.post(CODE, {"code": code_of(device, ahead=1)}).headers["Location"].startswith(LOGIN)
        assert not is_inside(client)

    def test_an_older_session_of_someone_who_enrolled_elsewhere_owes_the_code(self, client, coordinator):
        sign_in(client, coordinator)
        device = second_factor.begin(coordinator)
        second_factor.confirm(coordinator, code_of(device))
        assert client.get(INDEX).headers["Location"].startswith(CODE)
        client.post(CODE, {"code": code_of(device, ahead=1)})
        assert is_inside(client)

    def test_five_wrong_codes_close_the_page_for_a_while(self, client, enrolled):
        person, device, _codes = enrolled
        sign_in(client, person)
        for _attempt in range(5):
            client.post(CODE, {"code": "000000"})
        page = text(client.post(CODE, {"code": code_of(device, ahead=1)}))
        assert "15 min" in page
        assert not is_inside(client)


class TestRequiredRole:
    @pytest.fixture(autouse=True)
    def _required(self, settings):
        settings.SECOND_FACTOR_REQUIRED_ROLES = [Role.COORDINATOR]

    def test_nothing_but_the_enrolment_can_be_reached(self, client, coordinator):
        sign_in(client, coordinator)
        for name in ("index", "security", "password_change", "accounts_user_changelist", "autocomplete", "search"):
            response = client.get(reverse(f"admin:{name}"))
            assert response.status_code == 302
            assert response.headers["Location"].startswith(ENROL)
        background = client.get(reverse("admin:search"), headers={"x-requested-with": "XMLHttpRequest"})
        assert background.status_code == 401

    def test_the_enrolment_shows_picture_and_secret_and_no_sidebar(self, client, coordinator):
        sign_in(client, coordinator)
        page = text(client.get(ENROL))
        assert "<svg" in page
        assert second_factor.secret_of(coordinator.authenticator_set.get()) in page
        assert "nav-sidebar" not in page

    def test_the_first_code_opens_the_admin_and_shows_the_recovery_codes_once(self, client, coordinator):
        sign_in(client, coordinator)
        client.get(ENROL)
        device = coordinator.authenticator_set.get()
        response = client.post(ENROL, {"code": code_of(device)})
        codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", text(response))
        assert len(codes) == 10
        assert "no-store" in response.headers["Cache-Control"]
        assert is_inside(client)
        assert client.get(ENROL).headers["Location"] == reverse("admin:security")

    def test_each_browser_that_enrols_is_shown_a_secret_of_its_own(self, client, coordinator):
        thief = Client()
        sign_in(thief, coordinator)
        thief.get(ENROL)
        seen_by_the_thief = second_factor.secret_of(coordinator.authenticator_set.get())

        sign_in(client, coordinator)
        page = text(client.get(ENROL))
        own = second_factor.secret_of(coordinator.authenticator_set.get())
        assert seen_by_the_thief not in page
        assert own in page
        assert own in text(client.get(ENROL)), "a reload keeps what was scanned"

    def test_a_wrong_first_code_opens_nothing(self, client, coordinator):
        sign_in(client, coordinator)
        client.get(ENROL)
        assert client.post(ENROL, {"code": "000000"}).status_code == 200
        assert not is_inside(client)

    def test_who_does_not_want_to_can_sign_out(self, client, coordinator):
        sign_in(client, coordinator)
        client.post(reverse("admin:logout"))
        assert SESSION_KEY not in client.session

    def test_other_roles_are_not_asked(self, client, support_agent):
        sign_in(client, support_agent)
        assert is_inside(client)

    def test_strangers_do_not_reach_the_enrolment(self, client, patient):
        assert client.get(ENROL).headers["Location"].startswith(LOGIN)
        client.force_login(patient.user)
        assert client.get(ENROL).headers["Location"].startswith(LOGIN)


class TestOwnSecurityPage:
    def test_renewing_shows_ten_new_codes(self, client, enrolled):
        person, device, codes = enrolled
        sign_in(client, person)
        client.post(CODE, {"code": codes[0]})
        page = text(client.post(reverse("admin:security"), {"do": "renew", "code": code_of(device, ahead=1)}))
        assert len(re.findall(r"<code>", page)) == 10

    def test_switching_off_needs_a_code(self, client, enrolled):
        person, device, codes = enrolled
        sign_in(client, person)
        client.post(CODE, {"code": codes[0]})
        client.post(reverse("admin:security"), {"do": "off", "code": "000000"})
        assert second_factor.is_enrolled(person)
        client.post(reverse("admin:security"), {"do": "off", "code": code_of(device, ahead=1)})
        assert not second_factor.is_enrolled(person)
        assert is_inside(client)


class TestTheEnd:
    def test_signing_out_ends_it(self, client, coordinator):
        sign_in(client, coordinator)
        client.post(reverse("admin:logout"))
        assert not is_inside(client)

    def test_deactivation_ends_it_at_once(self, client, coordinator, platform_admin):
        sign_in(client, coordinator)
        services.deactivate_user(coordinator, by=platform_admin)
        assert not is_inside(client)

    def test_another_role_ends_what_the_old_one_could(self, client, coordinator):
        sign_in(client, coordinator)
        User.objects.filter(pk=coordinator.pk).update(role=Role.TRANSLATOR)
        assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403

    def test_a_new_password_ends_every_other_browser_and_not_this_one(self, client, coordinator):
        other = Client()
        sign_in(client, coordinator)
        sign_in(other, coordinator)
        new = "Another-Horse-8"
        form = {"current_password": PASSWORD, "new_password": new, "confirm_password": new}
        assert client.post(reverse("admin:password_change"), form).status_code == 302
        assert is_inside(client)
        assert not is_inside(other)

    def test_a_new_password_over_the_api_ends_the_browsers_too(self, client, coordinator):
        sign_in(client, coordinator)
        coordinator.set_password("Another-Horse-8")
        coordinator.save()
        assert not is_inside(client)

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"current_password": "wrong"}, "current_password"),
            ({"new_password": "weak", "confirm_password": "weak"}, "new_password"),
            ({"confirm_password": "Different-1"}, "confirm_password"),
        ],
    )
    def test_a_refused_new_password_says_where(self, client, coordinator, form, field):
        sign_in(client, coordinator)
        good = {"current_password": PASSWORD, "new_password": "Another-Horse-8", "confirm_password": "Another-Horse-8"}
        response = client.post(reverse("admin:password_change"), good | form)
        assert response.context["form"].errors.keys() == {field}

    def test_half_an_hour_without_a_click_ends_it_and_says_so(self, client, coordinator, settings, later):
        sign_in(client, coordinator)
        assert is_inside(client)
        later(settings.ADMIN_IDLE_SECONDS + 1)
        wanted = reverse("admin:security")
        response = client.get(wanted, follow=True)
        assert "nothing was clicked" in text(response)
        assert response.redirect_chain[0][0] == f"{LOGIN}?next={wanted}"
        assert not is_inside(client)

    def test_a_click_now_and_then_keeps_it(self, client, coordinator, settings, later):
        sign_in(client, coordinator)
        for _hour in range(4):
            later(settings.ADMIN_IDLE_SECONDS - 60)
            assert is_inside(client)

    def test_a_script_of_an_idle_page_gets_401(self, client, coordinator, settings, later):
        sign_in(client, coordinator)
        is_inside(client)
        later(settings.ADMIN_IDLE_SECONDS + 1)
        headers = {"x-requested-with": "XMLHttpRequest"}
        assert client.get(reverse("admin:autocomplete"), headers=headers).status_code == 401

    def test_idleness_and_activity_of_the_front_page_do_not_mix(self, client, coordinator, settings, later):
        """Looking at the public front page is not work in the admin."""
        sign_in(client, coordinator)
        is_inside(client)
        later(settings.ADMIN_IDLE_SECONDS - 10)
        client.get("/")
        later(20)
        assert not is_inside(client)


class TestPasswordByLink:
    def test_an_invited_person_sets_a_password_and_signs_in(self, client, platform_admin, sent):
        invited = services.invite_user(
            email="new@example.com", first_name="New", last_name="Person", role=Role.COORDINATOR, by=platform_admin
        )
        token = sent(invited, "accounts.invitation")["link"].partition("#token=")[2]
        form = {"token": token, "new_password": "Fresh-Horse-9", "confirm_password": "Fresh-Horse-9"}
        assert client.post("/set-password", form).headers["Location"] == LOGIN
        sign_in(client, invited, "Fresh-Horse-9")
        assert is_inside(client)

    def test_a_patient_is_told_to_go_on_in_the_app(self, client, patient, sent):
        services.forgot_password(email=patient.user.email, address="192.0.2.1")
        token = sent(patient.user, "accounts.reset_password")["link"].partition("#token=")[2]
        form = {"token": token, "new_password": "Fresh-Horse-9", "confirm_password": "Fresh-Horse-9"}
        assert "in the app" in text(client.post("/set-password", form))
        patient.user.refresh_from_db()
        assert patient.user.check_password("Fresh-Horse-9")

    def test_a_wrong_link_sets_nothing(self, client, coordinator):
        form = {"token": dumps("forged"), "new_password": "Fresh-Horse-9", "confirm_password": "Fresh-Horse-9"}
        page = text(client.post("/set-password", form))
        assert "invalid" in page
        coordinator.refresh_from_db()
        assert coordinator.check_password(PASSWORD)

    def test_the_page_gives_the_links_token_to_no_server_but_ours(self, client):
        response = client.get("/set-password")
        assert response.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert "no-store" in response.headers["Cache-Control"]

    def test_asking_for_a_link_answers_alike_for_everyone(self, client, coordinator):
        url = reverse("admin:admin_password_reset")
        answers = [text(client.post(url, {"email": email})) for email in (coordinator.email, "nobody@example.com")]
        assert "a link is on its way" in answers[0]
        assert re.sub(r'value="[^"]*"', "", answers[0]) == re.sub(r'value="[^"]*"', "", answers[1])


class TestPolicy:
    def test_the_admin_alone_may_evaluate_scripts(self, client):
        assert "'unsafe-eval'" in client.get(LOGIN).headers["Content-Security-Policy"]
        assert "'unsafe-eval'" not in client.get("/").headers["Content-Security-Policy"]

    def test_no_page_of_the_admin_loads_anything_from_elsewhere(self, client, platform_admin):
        sign_in(client, platform_admin)
        for page in (LOGIN, INDEX, reverse("admin:accounts_user_changelist"), reverse("admin:accounts_user_add")):
            assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', text(client.get(page)))
