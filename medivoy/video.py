"""Who provides rooms for consultations by video, as the environment says: see apps.bookings.teleconsult."""

from urllib.parse import urlsplit

import environs

#: What each provider needs: its address, who we are there, and what proves it.
NEEDED: dict[str, tuple[str, ...]] = {
    "nextcloud": ("NEXTCLOUD_URL", "NEXTCLOUD_USER", "NEXTCLOUD_PASSWORD"),
    "jitsi": ("JITSI_URL", "JITSI_APP_ID", "JITSI_SECRET"),
    "off": (),
}
#: A token signed with a shorter secret can be guessed at (RFC 7518, section 3.2).
SHORTEST_SECRET = 32


class Video:
    """`provider`, and the variables of every provider: rooms of one that is chosen no more are still closed."""

    def __init__(self, env: environs.Env) -> None:
        self._was_said = bool(env.str("VIDEO_PROVIDER", ""))
        known = environs.validate.OneOf(list(NEEDED))
        self.provider = env.str("VIDEO_PROVIDER", validate=known) if self._was_said else "off"
        self.variables = {name: env.str(name, "") for names in NEEDED.values() for name in names}

    def of(self, provider: str) -> tuple[str, str, str]:
        """Its address, who we are there, and what proves it."""
        address, who, proof = (self.variables[name] for name in NEEDED[provider])
        return address, who, proof

    def what_is_wrong(self) -> list[str]:
        """What keeps production from starting, by the variables' names."""
        if not self._was_said:
            return ["VIDEO_PROVIDER is not set: it is nextcloud, jitsi, or off"]
        given = {name: self.variables[name] for name in NEEDED[self.provider]}
        wrong = [f"{name} is not set, which VIDEO_PROVIDER needs" for name, value in given.items() if not value]
        wrong += [f"{name} is the example's value" for name, value in given.items() if "change-me" in value]
        for name, value in given.items():
            parts = urlsplit(value)
            if name.endswith("_URL") and value and (parts.scheme != "https" or not parts.hostname or parts.username):
                wrong.append(f"{name} is not an address that begins with https:// and holds no password")
        if self.provider == "jitsi" and 0 < len(given["JITSI_SECRET"]) < SHORTEST_SECRET:
            wrong.append(f"JITSI_SECRET is shorter than {SHORTEST_SECRET} characters")
        return wrong
