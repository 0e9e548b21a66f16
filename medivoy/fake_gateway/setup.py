"""How the application and the test gateway are made known to each other, for the demo."""

from collections.abc import Mapping

from .server import HOST, Endpoint

#: Public, as all of the demo's passwords: nothing but the test gateway on this machine knows them.
_KEYS = {
    "stripe": {"STRIPE_SECRET_KEY": "sk_test_of_the_demo", "STRIPE_WEBHOOK_SECRET": "whsec_of_the_demo"},
    "razorpay": {
        "RAZORPAY_KEY_ID": "rzp_test_of_the_demo",
        "RAZORPAY_KEY_SECRET": "secret-of-the-demo",
        "RAZORPAY_WEBHOOK_SECRET": "webhook-secret-of-the-demo",
    },
    "sandbox": {"SANDBOX_GATEWAY_SECRET": "sandbox-secret-of-the-demo"},
}
_ADDRESSES = {"stripe": "STRIPE_API_BASE", "razorpay": "RAZORPAY_API_BASE", "sandbox": "SANDBOX_GATEWAY_URL"}


def environment(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """What the application needs to speak to the test gateway on this port. A vendor whose keys somebody has set, to
    try the real one, is left as it is."""
    made: dict[str, str] = {}
    for vendor, keys in _KEYS.items():
        if not any(environ.get(name) for name in keys):
            made |= keys | {_ADDRESSES[vendor]: f"http://{HOST}:{port}/{vendor}"}
    return made


def endpoints(environ: Mapping[str, str]) -> dict[str, Endpoint]:
    """The vendors that the test gateway stands in for, by the application's own variables."""
    found = {}
    hooks = environ.get("PUBLIC_URL", "")
    for vendor, address in _ADDRESSES.items():
        if f"//{HOST}:" not in environ.get(address, ""):
            continue
        url = f"{hooks}/api/v1/webhooks/{vendor}" if hooks else ""
        if vendor == "stripe":
            found[vendor] = Endpoint(environ["STRIPE_SECRET_KEY"], environ["STRIPE_WEBHOOK_SECRET"], url)
        elif vendor == "razorpay":
            key = f"{environ['RAZORPAY_KEY_ID']}:{environ['RAZORPAY_KEY_SECRET']}"
            found[vendor] = Endpoint(key, environ["RAZORPAY_WEBHOOK_SECRET"], url)
        else:
            secret = environ["SANDBOX_GATEWAY_SECRET"]
            found[vendor] = Endpoint(secret, secret, url)
    return found
