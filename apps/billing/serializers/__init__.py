"""Money as it is asked for and answered."""

from .bills import BILL_DETAIL_ROW, BILL_ROW, INSTALMENT_ROW, LINE_ROW, BillDetail, BillSummary, bill, bill_detail
from .coupons import COUPON_ROW, CouponAsked, CouponChanges, CouponInput, CouponOffer, CouponShown, coupon, coupon_offer
from .payments import (
    DETAIL_ROW,
    ROW,
    GatewaysAsked,
    GatewayShown,
    PaymentDetail,
    PaymentShown,
    PaymentStanding,
    PaymentStarted,
    StartPaymentInput,
    event,
    payment,
    payment_detail,
    standing,
    started,
)
from .refunds import (
    REFUND_ROW,
    AskRefund,
    CancellationAsked,
    CancellationShown,
    RefundShown,
    cancellation,
    refund,
)

__all__ = [
    "BILL_DETAIL_ROW", "BILL_ROW", "COUPON_ROW", "DETAIL_ROW", "INSTALMENT_ROW", "LINE_ROW", "REFUND_ROW", "ROW",
    "AskRefund", "BillDetail", "BillSummary", "CancellationAsked", "CancellationShown", "CouponAsked", "CouponChanges",
    "CouponInput", "CouponOffer", "CouponShown", "GatewayShown", "GatewaysAsked", "PaymentDetail", "PaymentShown",
    "PaymentStanding", "PaymentStarted", "RefundShown", "StartPaymentInput", "bill", "bill_detail", "cancellation",
    "coupon", "coupon_offer", "event", "payment", "payment_detail", "refund", "standing", "started",
]  # fmt: skip
