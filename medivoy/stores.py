"""Where uploaded files lie: in two S3 buckets where these are named, else in two folders of this machine."""

from pathlib import Path
from typing import Any

import environs

#: Where buckets of no named region are; those of another one answer there with an error.
_AMAZON = "https://s3.amazonaws.com"
CACHE_CONTROL = {"public": "public, max-age=31536000, immutable", "private": "private, no-store"}


class Stores:
    """What the environment says of the stores `public` and `private`."""

    def __init__(self, env: environs.Env, *, media_root: Path) -> None:
        self.media_root = media_root
        self._has_root = bool(env.str("MEDIA_ROOT", ""))
        self._scanner = env.str("MEDIA_SCANNER", "")
        self.buckets = {"public": env.str("S3_PUBLIC_BUCKET", ""), "private": env.str("S3_PRIVATE_BUCKET", "")}
        self.s3 = {
            "endpoint_url": env.str("S3_ENDPOINT_URL", None),
            "region_name": env.str("S3_REGION", None),
            "access_key": env.str("S3_ACCESS_KEY_ID", None),
            "secret_key": env.str("S3_SECRET_ACCESS_KEY", None),
        }

    @property
    def are_buckets(self) -> bool:
        """Both are named, and differ."""
        return len({"", *self.buckets.values()}) == 3

    @property
    def is_one_bucket(self) -> bool:
        """Both are the same one: what is private would lie where anyone may read."""
        return bool(self.buckets["public"]) and self.buckets["public"] == self.buckets["private"]

    def what_is_missing(self) -> list[str]:
        """What keeps production from starting, by the variables' names."""
        wrong = []
        if self.is_one_bucket:
            wrong.append("S3_PUBLIC_BUCKET and S3_PRIVATE_BUCKET are the same bucket")
        if not self._has_root and not self.are_buckets:
            wrong.append("MEDIA_ROOT is not set, nor are two buckets, S3_PUBLIC_BUCKET and S3_PRIVATE_BUCKET")
        if not self._scanner:
            wrong.append("MEDIA_SCANNER is not set: it is clamd, or off")
        return wrong

    def public_url(self, own: str) -> str:
        """What the address of a public file begins with: the bucket's, in its own region, else `own`."""
        if not self.buckets["public"]:
            return own
        region = self.s3["region_name"]
        endpoint = self.s3["endpoint_url"] or (f"https://s3.{region}.amazonaws.com" if region else _AMAZON)
        return f"{endpoint.rstrip('/')}/{self.buckets['public']}/"

    def store(self, visibility: str) -> dict[str, Any]:
        """An entry of STORAGES."""
        if not self.buckets[visibility]:
            location = {"location": self.media_root / visibility}
            return {"BACKEND": "apps.media.storage.local.LocalStorage", "OPTIONS": location}
        options = {"bucket_name": self.buckets[visibility], "cache_control": CACHE_CONTROL[visibility]}
        return {"BACKEND": "apps.media.storage.s3.S3Storage", "OPTIONS": self.s3 | options}
