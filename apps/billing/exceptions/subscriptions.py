"""What subscriptions refuse, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class AlreadySubscribed(exceptions.Conflict):
    """A hospital or a doctor has one subscription at a time; another plan is a change of it."""

    code = "subscription.exists"
    message = _("There is a subscription already. Please change its plan instead.")


class PlanNotOffered(exceptions.DomainError):
    """There is no such plan, or not for a hospital (a doctor), or it is offered no more."""

    code = "subscription.plan_not_offered"
    message = _("This plan is not offered.")


class SamePlan(exceptions.Conflict):
    code = "subscription.same_plan"
    message = _("The subscription has this plan already.")


class SubscriptionEnded(exceptions.Conflict):
    code = "subscription.ended"
    message = _("This subscription has ended.")


class SubscriptionEnding(exceptions.Conflict):
    """A plan is not changed while the subscription is about to end: it is first kept (`auto_renew`)."""

    code = "subscription.ending"
    message = _("This subscription ends with its period. Please keep it first.")


class PaymentOutstanding(exceptions.Conflict):
    """Something of it waits for its payment: that comes first."""

    code = "subscription.payment_outstanding"
    message = _("A payment for this subscription is outstanding. Please pay it first.")


class NothingToPay(exceptions.Conflict):
    code = "subscription.nothing_to_pay"
    message = _("Nothing is to be paid for this subscription at present.")


class NoPayer(exceptions.Conflict):
    """Nobody works for the hospital yet, so nobody could pay."""

    code = "subscription.no_payer"
    message = _("This hospital has no staff yet who could pay.")


class NoGateway(exceptions.Conflict):
    """No gateway is set up that takes this currency and so much of it."""

    code = "subscription.no_gateway"
    message = _("This amount cannot be paid online at present. Please write to us.")


class SubscriptionChanged(exceptions.Conflict):
    """The caller saw an older version."""

    code = "subscription.stale_version"
    message = _("The subscription has been changed since you opened it. Please look at it again.")
