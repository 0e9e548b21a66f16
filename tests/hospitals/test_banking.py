"""Where a hospital is paid: what an account may be, who keeps it, what people see of it, and who is told."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from apps.common import audit
from apps.common.exceptions import Forbidden
from apps.common.models import AuditEntry
from apps.hospitals import rules, services
from apps.hospitals.models import BankAccount
from apps.hospitals.rules.banking import IBAN_LENGTHS, has_right_check_digits
from apps.notifications import rendering
from apps.notifications.models import Channel, Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import BankAccountFactory, HospitalStaffFactory

from .test_admin import filled, page

pytestmark = pytest.mark.django_db
IBAN = "DE89370400440532013000"
NEW = {"holder": "Charité Ltd", "bank": "Commerzbank", "country": "DE", "number": IBAN, "bic": "COBADEFF",
       "currency": "EUR"}  # fmt: skip

#: The examples that the registry of IBANs gives.
RIGHT = [
    IBAN, "GB29NWBK60161331926819", "FR1420041010050500013M02606", "SA0380000000608010167519",
    "AE070331234567890123456", "TR330006100519786457841326", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
    "JO94CBJO0010000000000131000302", "PK36SCBL0000001123456702", "EG380019000500000000263180002",
]  # fmt: skip


def account_of(**changes):
    return BankAccountFactory.build(**{**NEW, **changes})


def wrong(**changes):
    """The fields that the rule names."""
    refusal = rules.why_wrong_bank_account(account_of(**changes))
    return sorted(refusal.errors) if refusal else []


class TestAccounts:
    @pytest.mark.parametrize("number", RIGHT)
    def test_a_right_iban_passes(self, number):
        assert len(number) == IBAN_LENGTHS[number[:2]]
        assert wrong(country=number[:2], number=number) == []

    @pytest.mark.parametrize("number", RIGHT)
    def test_one_wrong_character_or_two_exchanged_are_found(self, number):
        for place in range(2, len(number)):
            if number[place].isdigit():
                other = str((int(number[place]) + 1) % 10)
                assert not has_right_check_digits(number[:place] + other + number[place + 1 :])
        exchanged = [
            number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            for place in range(4, len(number) - 1)
            if number[place] != number[place + 1]
        ]
        assert exchanged
        assert not any(has_right_check_digits(one) for one in exchanged)

    @pytest.mark.parametrize(
        "changes",
        [
            {"number": IBAN[:-1]},
            {"number": IBAN + "0"},
            {"number": ""},
            {"number": "GB29NWBK60161331926819"},
            {"number": "0532013000"},
            {"number": "DE8937040044053201300A"},
            {"number": "DE８９370400440532013000"},
            {"country": "IN", "number": "123"},
            {"country": "IN", "number": "ABCDEF"},
            {"country": "IN", "number": "1234_5678"},
        ],
        ids=lambda changes: "-".join(changes.values()),
    )
    def test_what_is_no_account_is_refused_by_its_field(self, changes):
        assert wrong(**changes) == ["number"]

    @pytest.mark.parametrize("number", ["1234", "30850100123456", "12-3456-7890123-00", "0000123456/0100", "1" * 34])
    def test_countries_without_iban_have_numbers_of_their_own(self, number):
        assert wrong(country="IN", number=number, bic="") == []

    @pytest.mark.parametrize("bic", ["DEUTDEFF", "DEUTDEFF500", "UBININBB", ""])
    def test_a_bic_has_eight_or_eleven(self, bic):
        assert wrong(bic=bic) == []

    @pytest.mark.parametrize("bic", ["DEUTDEF", "DEUTDEFF5", "DEUTDEFF5000", "DEUT49FF", "deutdeff", "DEUT DEFF"])
    def test_anything_else_is_none(self, bic):
        assert wrong(bic=bic) == ["bic"]


class TestSetting:
    def test_staff_enter_their_own_as_people_write_it(self, hospital, hospital_admin):
        typed = NEW | {"number": "de89 3704 0044 0532 0130 00 ", "bic": "cobadeff"}
        account = services.set_bank_account(hospital, by=hospital_admin, **typed)
        account.refresh_from_db()
        assert (account.number, account.bic, account.hospital) == (IBAN, "COBADEFF", hospital)
        assert str(account) == "Commerzbank •••• 3000"

    def test_what_is_not_named_stays(self, hospital, platform_admin):
        services.set_bank_account(hospital, by=platform_admin, **NEW)
        account = services.set_bank_account(hospital, by=platform_admin, bank="Another Bank")
        assert (account.number, account.bank, account.currency) == (IBAN, "Another Bank", "EUR")
        assert BankAccount.objects.count() == 1

    @pytest.mark.parametrize("missing", sorted(set(NEW) - {"bic"}))
    def test_a_new_account_is_complete(self, hospital, platform_admin, missing):
        with pytest.raises(ValidationError) as raised:
            services.set_bank_account(
                hospital, by=platform_admin, **{name: value for name, value in NEW.items() if name != missing}
            )
        assert list(raised.value.message_dict) == [missing]
        assert not BankAccount.objects.exists()

    def test_nobody_else_sets_or_removes_one(
        self, hospital, coordinator, support_agent, translator, other_hospital_admin, doctor, patient
    ):
        account = BankAccountFactory(hospital=hospital)
        for person in (coordinator, support_agent, translator, other_hospital_admin, doctor.user, patient.user):
            with pytest.raises(Forbidden):
                services.set_bank_account(hospital, by=person, **NEW)
            with pytest.raises(Forbidden):
                services.remove_bank_account(account, by=person)
        account.refresh_from_db()
        assert account.bank == "Union Bank"
        assert not Message.objects.exists()

    def test_the_trail_says_that_the_number_changed_and_not_to_what(self, hospital, platform_admin):
        services.set_bank_account(hospital, by=platform_admin, **NEW)
        services.set_bank_account(hospital, by=platform_admin, number="DE02120300000000202051")
        entries = AuditEntry.objects.filter(object_type="hospitals.bankaccount").order_by("id")
        assert entries[0].changes["number"] == audit.MASK
        assert entries[1].changes == {"number": audit.MASK}

    def test_platform_admins_see_all_staff_their_own_and_others_none(
        self,
        hospital,
        platform_admin,
        hospital_admin,
        other_hospital_admin,
        coordinator,
        support_agent,
        doctor,
        patient,
    ):
        account = BankAccountFactory(hospital=hospital)
        seen = {
            person: list(BankAccount.objects.visible_to(person))
            for person in (platform_admin, hospital_admin, other_hospital_admin, coordinator, support_agent,
                           doctor.user, patient.user)
        }  # fmt: skip
        assert [person for person, rows in seen.items() if rows == [account]] == [platform_admin, hospital_admin]


def told():
    """Who has an e-mail, of which kind."""
    emails = Message.objects.filter(channel=Channel.EMAIL).select_related("recipient")
    return {(message.recipient, message.kind.partition(".")[2]) for message in emails}


class TestTelling:
    def test_admins_and_all_staff_of_the_hospital_are_told_of_a_new_account(
        self, hospital, hospital_admin, platform_admin, coordinator, other_hospital_admin
    ):
        colleague = HospitalStaffFactory(hospital=hospital).user
        UserFactory(role="admin", is_active=False)
        services.set_bank_account(hospital, by=hospital_admin, **NEW)
        assert told() == {(person, "bank_account_set") for person in (platform_admin, hospital_admin, colleague)}

    def test_of_a_change_each_time_and_of_none_when_nothing_changed(self, hospital, hospital_admin, platform_admin):
        services.set_bank_account(hospital, by=hospital_admin, **NEW)
        services.set_bank_account(hospital, by=hospital_admin, **NEW | {"number": "DE89 3704 0044 0532 0130 00"})
        assert Message.objects.filter(channel=Channel.EMAIL, recipient=platform_admin).count() == 1
        services.set_bank_account(hospital, by=hospital_admin, holder="Somebody Else")
        assert Message.objects.filter(channel=Channel.EMAIL, recipient=platform_admin).count() == 2

    def test_of_its_removal_once(self, hospital, hospital_admin, platform_admin):
        account = BankAccountFactory(hospital=hospital)
        services.remove_bank_account(account, by=hospital_admin)
        services.remove_bank_account(account, by=hospital_admin)
        assert told() == {(platform_admin, "bank_account_removed"), (hospital_admin, "bank_account_removed")}
        assert not BankAccount.objects.exists()

    def test_only_admins_learn_that_another_hospital_has_the_same_account(
        self, hospital, hospital_admin, platform_admin, other_hospital
    ):
        BankAccountFactory(hospital=other_hospital, number=IBAN, country="DE")
        services.set_bank_account(hospital, by=hospital_admin, **NEW)
        said = {
            message.recipient: rendering.render(message).text
            for message in Message.objects.filter(channel=Channel.EMAIL)
        }
        assert "Another hospital has the same account." in said[platform_admin]
        assert "Another hospital" not in said[hospital_admin]

    def test_no_message_holds_any_part_of_the_number(self, hospital, hospital_admin, platform_admin):
        services.set_bank_account(hospital, by=hospital_admin, **NEW)
        for message in Message.objects.all():
            assert IBAN[-4:] not in str(message.context)
            assert "COBADEFF" not in str(message.context)


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


class TestAdmin:
    @pytest.fixture
    def account(self, hospital):
        return BankAccountFactory(hospital=hospital, number=IBAN, country="DE")

    @pytest.mark.parametrize("role", ["platform_admin", "hospital_admin"])
    def test_they_see_the_last_four_and_the_whole_number_nowhere(self, request, browser, role, account, hospital):
        client = browser(request.getfixturevalue(role))
        opts = BankAccount
        hospital_page = reverse("admin:hospitals_hospital_change", args=[hospital.pk])
        for address in (page(opts, "changelist"), page(opts, "change", account.pk), hospital_page):
            text = client.get(address).content.decode()
            assert "•••• 3000" in text
            assert IBAN not in text
            assert "dev:" not in text
        for address in (page(opts, "history", account.pk), page(opts, "delete", account.pk)):
            response = client.get(address)
            assert response.status_code == 200
            assert IBAN not in response.content.decode()

    @pytest.mark.parametrize("role", ["coordinator", "support_agent", "translator", "other_hospital_admin"])
    def test_others_do_not_find_the_page(self, request, browser, role, account, hospital):
        client = browser(request.getfixturevalue(role))
        assert client.get(page(BankAccount, "change", account.pk)).status_code in {302, 403}
        response = client.get(reverse("admin:hospitals_hospital_change", args=[hospital.pk]))
        assert "•••• 3000" not in response.content.decode()
        assert account.bank not in response.content.decode()

    def test_staff_add_their_own_and_are_shown_what_is_wrong(self, browser, hospital, hospital_admin):
        client, url = browser(hospital_admin), page(BankAccount, "add")
        data = filled(client, url, **NEW)
        assert data["hospital"] == hospital.pk, "theirs is chosen already"
        response = client.post(url, data | {"number": IBAN[:-1] + "1"})
        assert response.status_code == 200
        assert "This IBAN is not right" in response.content.decode()
        assert client.post(url, data).status_code == 302
        assert BankAccount.objects.get(hospital=hospital).number == IBAN

    def test_staff_add_none_for_another_hospital(self, browser, hospital_admin, other_hospital):
        client, url = browser(hospital_admin), page(BankAccount, "add")
        data = filled(client, url, **NEW) | {"hospital": other_hospital.pk}
        assert client.post(url, data).status_code == 200
        assert not BankAccount.objects.exists()

    def test_an_empty_number_keeps_the_present_one_and_another_replaces_it(self, browser, hospital_admin, account):
        client, url = browser(hospital_admin), page(BankAccount, "change", account.pk)
        data = filled(client, url, holder="Lotus Ltd")
        assert data["number"] == ""
        assert client.post(url, data).status_code == 302
        account.refresh_from_db()
        assert (account.holder, account.number) == ("Lotus Ltd", IBAN)
        data = filled(client, url, number="DE02 1203 0000 0000 2020 51")
        assert client.post(url, data).status_code == 302
        account.refresh_from_db()
        assert account.number == "DE02120300000000202051"

    def test_a_stale_page_names_the_number_that_is_there_by_its_end_only(self, browser, hospital_admin, account):
        client, url = browser(hospital_admin), page(BankAccount, "change", account.pk)
        stale = filled(client, url, number="DE02120300000000202051")
        services.set_bank_account(account.hospital, by=None, number="DE75512108001245126199")
        response = client.post(url, stale)
        assert response.status_code == 200
        assert "•••• 6199" in response.content.decode()
        assert "DE75512108001245126199" not in response.content.decode()
        account.refresh_from_db()
        assert account.number == "DE75512108001245126199"

    def test_staff_remove_theirs(self, browser, hospital_admin, platform_admin, account):
        client = browser(hospital_admin)
        assert client.post(page(BankAccount, "delete", account.pk), {"post": "yes"}).status_code == 302
        assert not BankAccount.objects.exists()
        assert (platform_admin, "bank_account_removed") in told()

    def test_numbers_are_not_searched_for_as_addresses_are_logged(self, browser, platform_admin, account):
        response = browser(platform_admin).get(page(BankAccount, "changelist"), {"q": IBAN})
        assert "•••• 3000" not in response.content.decode()

    @pytest.mark.parametrize(
        ("role", "is_there"),
        [("platform_admin", True), ("hospital_admin", True), ("coordinator", False), ("support_agent", False)],
    )
    def test_the_sidebar_offers_it_to_those_who_may_see_it(self, request, browser, role, is_there):
        text = browser(request.getfixturevalue(role)).get(reverse("admin:index")).content.decode()
        assert (page(BankAccount, "changelist") in text) is is_there
