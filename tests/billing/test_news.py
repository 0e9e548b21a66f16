"""What a payment's events say is said in words, wherever a code of one is written."""

import re
from pathlib import Path

import apps.billing
from apps.billing.models import PaymentEvent
from apps.billing.workflow import NEWS, DisputeStatus, RefundStatus

SERVICES = Path(apps.billing.__file__).parent / "services"


def test_every_code_that_is_written_has_its_words():
    written = {
        code
        for path in SERVICES.glob("*.py")
        for code in re.findall(r'settle_payment\([^()]*?code="(\w+)"', path.read_text(), re.DOTALL)
    }
    assert {"created", "page_opened", "refund_requested"} <= written
    followed = {f"refund_{status}" for status in RefundStatus} | {f"dispute_{status}" for status in DisputeStatus}
    assert written | followed <= set(NEWS)


def test_a_code_of_long_ago_is_shown_as_it_is():
    assert PaymentEvent(code="captured").happened == "Money came in"
    assert PaymentEvent(code="of_old").happened == "of_old"
