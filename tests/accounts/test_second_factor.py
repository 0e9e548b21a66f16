"""The second factor's services: enrol, confirm, verify, recover, renew, switch off."""

from importlib import import_module
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken

from apps.accounts import exceptions, second_factor
from apps.accounts.models import Authenticator
from apps.accounts.roles import Role
from apps.common.exceptions import TooMany
from apps.common.models import AuditEntry
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def code_of(device, ahead=0):
    """The six digits that the app shows, `ahead` half minutes from now."""
    return f"{totp(device.bin_key, step=30, t0=-ahead * 30):06d}"


@pytest.fixture
def enrolled(platform_admin):
    """(person, device, recovery codes), the first code used up for confirming."""
    device = second_factor.begin(platform_admin)
    codes = second_factor.confirm(platform_admin, code_of(device))
    device.refresh_from_db()
    return platform_admin, device, codes


class TestEnrolling:
    def test_a_reload_keeps_the_secret_that_was_scanned(self, platform_admin):
        device = second_factor.begin(platform_admin)
        assert second_factor.begin(platform_admin, begun=device.pk).key == device.key

    def test_a_secret_that_another_browser_was_shown_is_void(self, platform_admin):
        seen_elsewhere = second_factor.begin(platform_admin)
        device = second_factor.begin(platform_admin)
        assert device.key != seen_elsewhere.key
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.confirm(platform_admin, code_of(seen_elsewhere))
        second_factor.confirm(platform_admin, code_of(device))

    def test_nobody_is_enrolled_before_the_first_right_code(self, platform_admin):
        second_factor.begin(platform_admin)
        assert not second_factor.is_enrolled(platform_admin)

    def test_a_wrong_code_confirms_nothing(self, platform_admin):
        device = second_factor.begin(platform_admin)
        wrong = f"{(int(code_of(device)) + 1) % 1_000_000:06d}"
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.confirm(platform_admin, wrong)
        assert not second_factor.is_enrolled(platform_admin)
        assert not StaticToken.objects.exists()

    def test_a_right_code_enrols_and_gives_ten_recovery_codes(self, enrolled):
        person, _device, codes = enrolled
        assert second_factor.is_enrolled(person)
        assert len(set(codes)) == second_factor.RECOVERY_CODES == second_factor.recovery_codes_left(person)

    def test_recovery_codes_are_not_to_be_read_in_the_database(self, enrolled):
        _person, _device, codes = enrolled
        stored = set(StaticToken.objects.values_list("token", flat=True))
        assert not stored & {code.replace("-", "") for code in codes}
        assert not stored & set(codes)

    def test_the_picture_holds_the_secret_for_the_app(self, platform_admin):
        device = second_factor.begin(platform_admin)
        address = urlsplit(device.config_url)
        assert address.scheme == "otpauth"
        assert parse_qs(address.query)["issuer"] == ["Medivoy"]
        assert parse_qs(address.query)["secret"][0].rstrip("=") == second_factor.secret_of(device).replace(" ", "")
        assert second_factor.qr_code(device).startswith("<svg")

    def test_the_secret_is_not_to_be_read_in_the_database(self, enrolled):
        _person, device, _codes = enrolled
        with connection.cursor() as cursor:
            cursor.execute("SELECT key, authenticator::text FROM accounts_authenticator AS authenticator")
            [(key, row)] = cursor.fetchall()
        assert key.startswith("dev:")
        assert not [text for text in (device.key, second_factor.secret_of(device).replace(" ", "")) if text in row]
        trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
        assert device.key not in trail
        assert "dev:" not in trail

    def test_using_a_code_is_no_change_for_the_trail(self, enrolled):
        person, device, _codes = enrolled
        before = AuditEntry.objects.count()
        second_factor.verify(person, code_of(device, ahead=1))
        assert AuditEntry.objects.count() == before

    def test_enrolling_again_replaces_the_old_device(self, enrolled):
        person, old, _codes = enrolled
        second_factor.confirm(person, code_of(second_factor.begin(person)))
        assert not Authenticator.objects.filter(pk=old.pk).exists()
        assert Authenticator.objects.filter(user=person, confirmed=True).count() == 1


class TestTheSecretsOfBefore:
    """The migration that takes them from django-otp's table, where they lay in clear."""

    def test_who_was_enrolled_stays_enrolled_and_nothing_stays_in_clear(self, platform_admin):
        before = apps.get_model("otp_totp", "TOTPDevice")
        old = before.objects.create(user=platform_admin, name="authenticator", last_t=7, drift=1)
        migration = import_module("apps.accounts.migrations.0004_encrypted_secrets")
        migration.encrypt(apps, None)
        device = Authenticator.objects.get()
        assert (device.key, device.last_t, device.drift, device.confirmed) == (old.key, 7, 1, True)
        assert not before.objects.exists()
        assert second_factor.verify(platform_admin, code_of(device)) == device

    def test_and_back_again(self, enrolled):
        _person, device, _codes = enrolled
        before = apps.get_model("otp_totp", "TOTPDevice")
        import_module("apps.accounts.migrations.0004_encrypted_secrets").decrypt(apps, None)
        assert before.objects.get().key == device.key
        assert not Authenticator.objects.exists()


class TestVerifying:
    def test_the_code_of_the_app_is_accepted_with_or_without_a_gap(self, enrolled):
        person, device, _codes = enrolled
        code = code_of(device, ahead=1)
        assert second_factor.verify(person, f"{code[:3]} {code[3:]}") == device

    def test_a_code_is_good_once(self, enrolled):
        person, device, _codes = enrolled
        code = code_of(device, ahead=1)
        second_factor.verify(person, code)
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.verify(person, code)

    def test_another_persons_code_is_wrong(self, enrolled):
        _person, device, codes = enrolled
        other = UserFactory(role=Role.ADMIN)
        second_factor.confirm(other, code_of(second_factor.begin(other)))
        for code in (code_of(device, ahead=1), codes[0]):
            with pytest.raises(exceptions.SecondFactorWrong):
                second_factor.verify(other, code)

    @pytest.mark.parametrize("spelt", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
    def test_a_recovery_code_works_however_it_is_typed(self, enrolled, spelt):
        person, _device, codes = enrolled
        second_factor.verify(person, spelt(codes[3]))
        assert second_factor.recovery_codes_left(person) == 9

    def test_a_recovery_code_is_good_once(self, enrolled):
        person, _device, codes = enrolled
        second_factor.verify(person, codes[0])
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.verify(person, codes[0])

    @pytest.mark.parametrize(
        "junk", ["", " ", "000000x", "١٢٣٤٥٦", "1" * 5000, "\u0661" * 6, "-", "None", "12345", "1234567"]
    )
    def test_junk_is_wrong_and_nothing_worse(self, enrolled, junk):
        person, _device, _codes = enrolled
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.verify(person, junk)

    def test_five_wrong_codes_close_it_even_for_the_right_one(self, enrolled):
        person, device, codes = enrolled
        for _attempt in range(5):
            with pytest.raises(exceptions.SecondFactorWrong):
                second_factor.verify(person, "AAAAA-AAAAA")
        for code in (code_of(device, ahead=1), codes[0]):
            with pytest.raises(TooMany) as refused:
                second_factor.verify(person, code)
            assert 0 < refused.value.retry_after <= 15 * 60

    def test_a_right_code_forgives_the_wrong_ones_before(self, enrolled):
        person, _device, codes = enrolled
        for code in codes[:3]:
            for _attempt in range(4):
                with pytest.raises(exceptions.SecondFactorWrong):
                    second_factor.verify(person, "AAAAA-AAAAA")
            second_factor.verify(person, code)

    def test_failures_stand_in_the_audit_trail_without_the_code(self, enrolled):
        person, _device, _codes = enrolled
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.verify(person, "CANARYCODE")
        entry = AuditEntry.objects.get(action="second_factor.failed")
        assert entry.actor_id == person.pk
        assert "CANARYCODE" not in str(entry.changes)


class TestRenewingAndSwitchingOff:
    def test_new_recovery_codes_end_the_old_ones(self, enrolled):
        person, device, old = enrolled
        new = second_factor.renew_recovery_codes(person, code_of(device, ahead=1))
        assert not set(old) & set(new)
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.verify(person, old[0])
        second_factor.verify(person, new[0])

    def test_new_recovery_codes_need_a_right_code(self, enrolled):
        person, _device, old = enrolled
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.renew_recovery_codes(person, "000000")
        second_factor.verify(person, old[0])

    def test_it_can_be_switched_off_with_a_right_code(self, enrolled):
        person, device, _codes = enrolled
        second_factor.switch_off(person, code_of(device, ahead=1))
        assert not second_factor.is_enrolled(person)
        assert not StaticToken.objects.exists()

    def test_not_with_a_wrong_one(self, enrolled):
        person, _device, _codes = enrolled
        with pytest.raises(exceptions.SecondFactorWrong):
            second_factor.switch_off(person, "000000")
        assert second_factor.is_enrolled(person)

    def test_not_by_a_role_that_needs_it(self, enrolled, settings):
        settings.SECOND_FACTOR_REQUIRED_ROLES = [Role.ADMIN]
        person, device, _codes = enrolled
        with pytest.raises(exceptions.SecondFactorNeeded):
            second_factor.switch_off(person, code_of(device, ahead=1))
        assert second_factor.is_enrolled(person)


@pytest.mark.django_db(transaction=True)
class TestInParallel:
    def test_one_code_lets_one_request_in(self, together):
        person = UserFactory(role=Role.ADMIN)
        device = second_factor.begin(person)
        second_factor.confirm(person, code_of(device))
        code = code_of(device, ahead=1)

        def attempt(_number):
            try:
                second_factor.verify(person, code)
            except (exceptions.SecondFactorWrong, TooMany):
                return False
            return True

        assert together(5, attempt).count(True) == 1

    def test_one_recovery_code_lets_one_request_in(self, together):
        person = UserFactory(role=Role.ADMIN)
        codes = second_factor.confirm(person, code_of(second_factor.begin(person)))

        def attempt(_number):
            try:
                second_factor.verify(person, codes[0])
            except (exceptions.SecondFactorWrong, TooMany):
                return False
            return True

        assert together(5, attempt).count(True) == 1
        assert second_factor.recovery_codes_left(person) == 9

    def test_no_more_than_five_guesses_get_through_of_32_at_once(self, together):
        person = UserFactory(role=Role.ADMIN)
        second_factor.confirm(person, code_of(second_factor.begin(person)))

        def guess(_number):
            try:
                second_factor.verify(person, "AAAAA-AAAAA")
            except exceptions.SecondFactorWrong:
                return "tried"
            except TooMany:
                return "closed"
            raise AssertionError("a wrong code was accepted")

        assert together(32, guess).count("tried") == 5
