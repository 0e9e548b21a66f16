"""What billing refuses, each with its stable code."""

from .bills import BillCancelled, BillDiffers, NothingToCredit
from .coupons import (
    CouponBelowMinimum,
    CouponCodeTaken,
    CouponExpired,
    CouponForOtherThings,
    CouponInactive,
    CouponInOtherCurrency,
    CouponInUse,
    CouponNotYetValid,
    CouponUnknown,
    CouponUsedByPayer,
    CouponUsedUp,
)
from .invoices import AlreadyInvoiced, CreditTooHigh, NoIssuer, NotCreditable, NothingToInvoice
from .paying import (
    BadSignature,
    GatewayNotOffered,
    GatewayRefused,
    Mismatch,
    NotAskable,
    NothingOwed,
    NotReplayable,
    PageInTheWay,
    PaymentUnderWay,
    TooEarly,
)
from .payments import AlreadyReversed, NotReversible
from .refunds import (
    NotPaidOutByStaff,
    PaymentDisputed,
    PreviewStale,
    RefundTooLarge,
    TaskDone,
    TermsIncomplete,
    TermsPublished,
)
from .settlements import (
    DayNotOver,
    NoCommissionRate,
    NothingToSettle,
    SettledMeanwhile,
)
from .subscriptions import (
    AlreadySubscribed,
    NoGateway,
    NoPayer,
    NothingToPay,
    PaymentOutstanding,
    PlanNotOffered,
    SamePlan,
    SubscriptionChanged,
    SubscriptionEnded,
    SubscriptionEnding,
)

__all__ = [
    "AlreadyInvoiced", "AlreadyReversed", "AlreadySubscribed", "BadSignature", "BillCancelled", "BillDiffers",
    "CouponBelowMinimum", "CouponCodeTaken", "CouponExpired", "CouponForOtherThings", "CouponInOtherCurrency",
    "CouponInUse", "CouponInactive", "CouponNotYetValid", "CouponUnknown", "CouponUsedByPayer", "CouponUsedUp",
    "CreditTooHigh", "DayNotOver", "GatewayNotOffered", "GatewayRefused", "Mismatch", "NoCommissionRate", "NoGateway",
    "NoIssuer", "NoPayer", "NotAskable", "NotCreditable", "NotPaidOutByStaff", "NotReplayable", "NotReversible",
    "NothingOwed", "NothingToCredit", "NothingToInvoice", "NothingToPay", "NothingToSettle", "PageInTheWay",
    "PaymentDisputed", "PaymentOutstanding", "PaymentUnderWay", "PlanNotOffered", "PreviewStale", "RefundTooLarge",
    "SamePlan", "SettledMeanwhile", "SubscriptionChanged", "SubscriptionEnded", "SubscriptionEnding", "TaskDone",
    "TermsIncomplete", "TermsPublished", "TooEarly",
]  # fmt: skip
