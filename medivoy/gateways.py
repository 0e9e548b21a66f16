"""Which payment gateways are set up, as the environment says: see apps.billing.gateways."""

from urllib.parse import urlsplit

import environs

#: What each gateway needs; one that has none of it is not offered, and staff enter what was paid otherwise.
NEEDED: dict[str, tuple[str, ...]] = {
    "stripe": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
    "razorpay": ("RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"),
    "sandbox": ("SANDBOX_GATEWAY_URL", "SANDBOX_GATEWAY_SECRET"),
}
#: Where each is asked, unless a test server stands in for it.
ADDRESSES = {"STRIPE_API_BASE": "https://api.stripe.com", "RAZORPAY_API_BASE": "https://api.razorpay.com"}


class Gateways:
    """The variables of every gateway, by their names."""

    def __init__(self, env: environs.Env) -> None:
        names = (name for needed in NEEDED.values() for name in needed)
        self.variables = {name: env.str(name, "") for name in names}
        self.variables |= {name: env.str(name, "").rstrip("/") or usual for name, usual in ADDRESSES.items()}

    def of(self, gateway: str) -> list[str]:
        """What it needs, and where it is asked."""
        address = [self.variables[name] for name in ADDRESSES if name.startswith(gateway.upper())]
        return [self.variables[name] for name in NEEDED[gateway]] + address

    def what_is_wrong(self) -> list[str]:
        """What keeps production from starting, by the variables' names."""
        wrong = []
        for gateway in ("stripe", "razorpay"):
            given = {name: self.variables[name] for name in NEEDED[gateway]}
            if any(given.values()):
                wrong += [f"{name} is not set, which {gateway} needs" for name, value in given.items() if not value]
            wrong += [f"{name} is the example's value" for name, value in given.items() if "change-me" in value]
        for name in ADDRESSES:
            parts = urlsplit(self.variables[name])
            if parts.scheme != "https" or not parts.hostname or parts.username:
                wrong.append(f"{name} is not an address that begins with https:// and holds no password")
        if any(self.variables[name] for name in NEEDED["sandbox"]):
            wrong.append("SANDBOX_GATEWAY_URL and SANDBOX_GATEWAY_SECRET are for development: its payments are made up")
        return wrong
