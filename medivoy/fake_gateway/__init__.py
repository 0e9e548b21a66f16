"""A test gateway: one server that speaks what we use of Stripe's and Razorpay's interfaces, and a small one of its own.

For tests and `make demo`: the real SDKs talk to it over HTTP, people pay on its pages, its webhooks are signed as the
vendors sign theirs, and on request it misbehaves. It keeps books of its own, which ours are compared with. It takes
nothing from Django, and never runs in production. What it knows of the vendors: docs/decisions/0033-gateways.md.
"""

from .books import Books, Checkout, Dispute, Payment, Refund
from .deliveries import Delivery
from .faults import Fault
from .server import HOST, Endpoint, Gateway
from .setup import environment

__all__ = [
    "HOST",
    "Books",
    "Checkout",
    "Delivery",
    "Dispute",
    "Endpoint",
    "Fault",
    "Gateway",
    "Payment",
    "Refund",
    "environment",
]
