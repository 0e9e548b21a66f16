"""Room: treatments that patients asked hospitals for, the money that came in, and where hospitals are paid."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.billing import rules as billing_rules
from apps.billing import selectors as billing_selectors
from apps.billing import services as billing_services
from apps.billing.models import Bill, Instalment, Payment
from apps.bookings import services as booking_services
from apps.bookings.models import Booking
from apps.bookings.services.bookings import SUBJECT
from apps.clinical.models import Patient
from apps.common import money
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Hospital, Offer
from apps.hospitals.rules.banking import IBAN_LENGTHS

from . import casting, clock, hospitals, patients, sources, staff

BOOKINGS = 14
#: The requests came in over so many days.
WITHIN_DAYS = 25
#: Of these numbers the patient withdrew, the money came in, and one payment was entered twice and reversed.
WITHDRAWN, REVERSED = 4, 6
PAID = (0, 1, 3, 5, 6, 8, 9)
SHOWN_HOSPITAL, SHOWN_TREATMENT = "coromandel-bay-chennai", "coronary-angioplasty"
SHARE_DEPOSIT = Decimal("0.2")
NO_LONGER = {
    "en": "I have decided to wait until next year.", "ar": "قررت الانتظار حتى العام القادم.",
    "hi": "मैंने अगले साल तक रुकने का फ़ैसला किया है।", "es": "He decidido esperar al año que viene.",
    "fr": "J’ai décidé d’attendre l’année prochaine.",
}  # fmt: skip
#: The balance is due so many days after the bill; patients from abroad are shown it in this currency, too.
BALANCE_AFTER_DAYS, SHOWN_IN = 18, "USD"
ENTERED_TWICE = "Entered twice: the bank statement shows it once."
BANKS = ("Meridian Bank", "Harbourlight Bank", "Banco Sierra Clara")
#: Digits of an account where banks use no IBAN.
PLAIN_NUMBER = "00########"


def load(now: datetime) -> int:
    """How many treatments were asked for."""
    chance = casting.dice("payments")
    for hospital in hospitals.by_code().values():
        _bank_account(hospital)
    offers = list(Offer.objects.listed().select_related("hospital", "treatment").order_by("hospital__email", "pk"))
    offers.sort(key=lambda offer: (offer.hospital.email, offer.treatment.code))
    people = Patient.objects.exclude(onboarded_at=None).select_related("user").order_by("user__email")
    earliest = now - timedelta(days=WITHIN_DAYS)
    known = [one for one in people if one.onboarded_at and one.onboarded_at < earliest]
    adults = [one for one in known if (one.age_on(now.date()) or 0) >= 18 and one.user.email != patients.SHOWN]
    shown = next(one for one in people if one.user.email == patients.SHOWN)
    askers = [shown, *chance.sample(adults, min(BOOKINGS - 1, len(adults)))]
    for number, patient in enumerate(askers):
        at = earliest + timedelta(days=(WITHIN_DAYS - 1) * number / BOOKINGS, minutes=chance.randint(5, 600))
        offer = _shown_offer(offers) if number == 0 else chance.choice(offers)
        _ask(patient, offer, at, number, now)
    return Booking.objects.count()


def _shown_offer(offers: list[Offer]) -> Offer:
    """What the shown patient asks for: at the shown doctor's hospital."""
    hospital = hospitals.by_code()[SHOWN_HOSPITAL]
    mine = [offer for offer in offers if offer.hospital_id == hospital.pk]
    return next(offer for offer in mine if offer.treatment.code == SHOWN_TREATMENT)


def _ask(patient: Patient, offer: Offer, at: datetime, number: int, now: datetime) -> None:
    language = patient.user.language
    messages = sources.records()["messages"]
    with clock.acting(patient.user, at):
        booking = booking_services.request_booking(
            by=patient.user,
            hospital_id=offer.hospital_id,
            treatment_id=offer.treatment_id,
            preferred_from=at.date() + timedelta(days=40 + number),
            preferred_until=at.date() + timedelta(days=61 + number),
            companions=number % 3,
            message=messages[number % len(messages)][language],
        )
    if number == WITHDRAWN:
        with clock.acting(patient.user, at + timedelta(hours=20)):
            booking_services.withdraw_booking(booking.pk, by=patient.user, reason=NO_LONGER[language])
    if number in PAID:
        _pay(booking, patient, offer, min(at + timedelta(days=1 + number % 3), now - timedelta(hours=2)), number)


def _pay(booking: Booking, patient: Patient, offer: Offer, at: datetime, number: int) -> None:
    by = staff.coordinators()[number % 2]
    deposit = money.quantize(offer.price * SHARE_DEPOSIT, offer.currency)
    bill = _bill(booking, offer, at - timedelta(hours=12), deposit)
    given: dict[str, Any] = {
        "payer": patient.user,
        "bill": bill,
        "amount": deposit,
        "currency": offer.currency,
        "method": Payment.Method.CARD if number == PAID[1] else Payment.Method.BANK_TRANSFER,
        "received_on": at.date(),
        "reference": f"MV-{booking.pk.hex[-6:].upper()}",
    }
    with clock.acting(by, at):
        billing_services.record_payment(by=by, **given)
        billing_services.issue_due_invoices()
    if number == REVERSED:
        with clock.acting(by, at + timedelta(minutes=2)):
            twice = billing_services.record_payment(by=by, **given)
        with clock.acting(by, at + timedelta(minutes=50)):
            billing_services.reverse_payment(twice.pk, by=by, reason=ENTERED_TWICE)


def _bill(booking: Booking, offer: Offer, at: datetime, deposit: Decimal) -> Bill:
    """A fifth at once, the balance some weeks later: of some it is due by now. It names no treatment."""
    by = staff.coordinators()[0]
    today = at.date()
    with clock.acting(by, at):
        return billing_services.open_bill(
            payer=booking.patient.user,
            currency=offer.currency,
            lines=[billing_rules.NewLine(f"Treatment journey {booking.number}", unit_price=offer.price)],
            subject_type=SUBJECT,
            subject_id=booking.pk,
            subject_label=booking.number,
            hospital=offer.hospital,
            instalments=[
                billing_rules.NewInstalment(Instalment.Kind.DEPOSIT, deposit, today + timedelta(days=3)),
                billing_rules.NewInstalment(Instalment.Kind.BALANCE, None, today + timedelta(days=BALANCE_AFTER_DAYS)),
            ],
            begins_at=at + timedelta(days=45),
            policy_version=billing_selectors.policy_version_for(SUBJECT, offer.hospital_id, at),
            shown_currency=SHOWN_IN if offer.currency != SHOWN_IN else "",
            by=by,
        )


def _bank_account(hospital: Hospital) -> None:
    """As the hospital's own people entered it, with check digits that are right and a bank that nobody has."""
    by = hospitals.staff_of()[hospital.pk]
    chance = casting.dice(f"bank {hospital.email}")
    country = str(hospital.country)
    with clock.acting(by, hospital.created_at + timedelta(days=4)):
        hospital_services.set_bank_account(
            hospital,
            by=by,
            holder=sources.text_of(hospital, "name"),
            bank=chance.choice(BANKS),
            country=country,
            number=_number(country, casting.filled("0000" + 30 * "#", chance)),
            currency=hospital.currency,
        )


def _number(country: str, digits: str) -> str:
    """An IBAN where the country's banks use it: its check digits are 98 less the remainder (ISO 7064)."""
    length = IBAN_LENGTHS.get(country)
    if length is None:
        return digits[: len(PLAIN_NUMBER)]
    account = digits[: length - 4]
    written = "".join(str(int(letter, 36)) for letter in f"{account}{country}00")
    return f"{country}{98 - int(written) % 97:02d}{account}"
