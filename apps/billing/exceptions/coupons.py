"""What coupons refuse, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class CouponUnknown(exceptions.NotFound):
    code = "billing.coupon_unknown"
    message = _("There is no coupon with this code.")


class CouponInactive(exceptions.Conflict):
    code = "billing.coupon_inactive"
    message = _("This coupon is no longer active.")


class CouponNotYetValid(exceptions.Conflict):
    code = "billing.coupon_not_yet_valid"
    message = _("This coupon is not valid yet.")


class CouponExpired(exceptions.Conflict):
    code = "billing.coupon_expired"
    message = _("This coupon has expired.")


class CouponForOtherThings(exceptions.Conflict):
    code = "billing.coupon_for_other_things"
    message = _("This coupon is for something else.")


class CouponInOtherCurrency(exceptions.Conflict):
    code = "billing.coupon_in_other_currency"
    message = _("This coupon is for prices in %(currency)s.")


class CouponBelowMinimum(exceptions.Conflict):
    code = "billing.coupon_below_minimum"
    message = _("The price is below what this coupon asks for.")


class CouponUsedUp(exceptions.Conflict):
    code = "billing.coupon_used_up"
    message = _("This coupon has been used as often as it may.")


class CouponUsedByPayer(exceptions.Conflict):
    """Also while an unpaid bill of theirs holds it."""

    code = "billing.coupon_used_by_you"
    message = _("You have used this coupon as often as one person may.")


class CouponCodeTaken(exceptions.Conflict):
    code = "billing.coupon_code_taken"
    message = _("There is a coupon with this code already.")


class CouponInUse(exceptions.Conflict):
    """What a coupon takes off stays as it was for those who used it."""

    code = "billing.coupon_in_use"
    message = _("This coupon has been used: end it, and make another.")
