"""Production starts only with everything it needs, and says all that is wrong at once, by name and never by value."""

import base64
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import environs
import pytest

from medivoy.stores import Stores

ROOT = Path(__file__).resolve().parent.parent


def field_key():
    return base64.b64encode(secrets.token_bytes(32)).decode()


GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "JWT_SIGNING_KEY": secrets.token_urlsafe(60),
    "DATABASE_URL": "postgres://medivoy:letmein@db.example.com:5432/medivoy",
    "REDIS_URL": "redis://cache.example.com:6379/0",
    "PUBLIC_URL": "https://medivoy.example.com",
    "ALLOWED_HOSTS": "medivoy.example.com",
    "EMAIL_URL": "submission://medivoy:letmein@mail.example.com:587",
    "MEDIA_ROOT": "/var/lib/medivoy/media",
    "MEDIA_SCANNER": "off",
    "VIDEO_PROVIDER": "off",
    "FIELD_KEYS": f"k2:{field_key()},k1:{field_key()}",
    "BLIND_INDEX_KEY": field_key(),
}
PLAIN = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT)}


def run(*arguments, **environ):
    """A new process that knows only these variables."""
    return subprocess.run(
        [sys.executable, *arguments], env=PLAIN | environ, cwd=ROOT, capture_output=True, text=True, check=False
    )


LOAD_EACH = """
import importlib, json, os, sys
said = []
for environ in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environ)
    sys.modules.pop("medivoy.settings", None)
    try:
        importlib.import_module("medivoy.settings")
        said.append("")
    except Exception as error:
        said.append(f"{type(error).__name__}: {error}")
json.dump(said, sys.stdout)
"""


def complaints(environs):
    """What the settings say when they are loaded with each of these; empty where they have nothing to say."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD_EACH],
        input=json.dumps([PLAIN | environ for environ in environs]),
        env=PLAIN,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    for text, environ in zip(said, environs, strict=True):
        assert not [value for value in environ.values() if len(value) > 11 and value in text], "a value is shown"
    return said


def values(*names, **environ):
    code = f"import json; from medivoy import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    done = run("-c", code, **environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_production_is_what_runs_when_nothing_is_said_and_it_names_everything_that_is_missing():
    [said] = complaints([{}])
    for name in GOOD:
        assert f"{name} is not set" in said


def test_production_starts_with_all_it_needs():
    assert complaints([GOOD]) == [""]


TWICE = field_key()
OURS = base64.b64encode(b"insecure-default-for-development").decode()
OURS_FOR_INDEX = base64.b64encode(b"insecure-blind-index-development").decode()
SECRETS = ("SECRET_KEY", "JWT_SIGNING_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY")
WRONG = [
    *[(name, "", f"{name} is not set") for name in GOOD],
    *[(name, "change-me-please-" * 5, f"{name} is the example's value") for name in SECRETS],
    (
        "SECRET_KEY",
        "insecure-default-for-development-only-never-for-production",
        "SECRET_KEY is the one for development",
    ),
    ("JWT_SIGNING_KEY", "short", "JWT_SIGNING_KEY is shorter than 50 characters"),
    ("SECRET_KEY", "abcdefg" * 10, "SECRET_KEY is shorter than 50 characters, or too plain"),
    ("JWT_SIGNING_KEY", GOOD["SECRET_KEY"], "JWT_SIGNING_KEY is the same as SECRET_KEY"),
    ("DATABASE_URL", "postgres://medivoy:change-me-letters@postgres/medivoy", "DATABASE_URL is the example's value"),
    ("PUBLIC_URL", "http://medivoy.example.com", "PUBLIC_URL does not begin with https://"),
    ("EMAIL_URL", "smtp+tls://mail.example.com", "EMAIL_URL does not begin with smtp:// or submission://"),
    ("EMAIL_URL", "console://", "EMAIL_URL does not begin with smtp:// or submission://"),
    ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS lets any host in"),
    ("FIELD_KEYS", f"k2:{field_key()},k1:{OURS}", "FIELD_KEYS holds the key for development"),
    ("FIELD_KEYS", field_key(), "FIELD_KEYS: entry 1 is not `id:key`"),
    ("FIELD_KEYS", f"k1:{field_key()},k1:{field_key()}", "FIELD_KEYS: entry 2 has the id of another"),
    ("FIELD_KEYS", f"k2:{TWICE},k1:{TWICE}", "FIELD_KEYS: one key stands under two ids"),
    ("FIELD_KEYS", "k1:" + field_key()[:-8], "FIELD_KEYS holds a key that is not 32 bytes long"),
    ("FIELD_KEYS", "k1:not base64 but a sentence", "FIELD_KEYS holds a key that is not base64"),
    ("FIELD_KEYS", "k1:" + base64.b64encode(bytes(32)).decode(), "FIELD_KEYS holds a key that is too plain"),
    ("BLIND_INDEX_KEY", OURS_FOR_INDEX, "BLIND_INDEX_KEY is the one for development"),
    ("BLIND_INDEX_KEY", GOOD["FIELD_KEYS"].split(":")[-1], "BLIND_INDEX_KEY is one of FIELD_KEYS"),
]


@pytest.fixture(scope="module")
def said_of_wrong():
    return complaints([GOOD | {name: value} for name, value, _expected in WRONG])


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: f"{WRONG[number][2]}"[:60])
def test_each_missing_or_default_value_keeps_production_from_starting(said_of_wrong, number):
    name, _value, expected = WRONG[number]
    said = said_of_wrong[number]
    assert said.startswith("ImproperlyConfigured")
    assert expected in said
    others = [other for other in GOOD if other != name and re.search(rf"\b{other} is (not set|the example)", said)]
    assert others == []


def test_files_lie_in_a_folder_or_in_two_different_buckets():
    nowhere = {name: value for name, value in GOOD.items() if name != "MEDIA_ROOT"}
    one = nowhere | {"S3_PUBLIC_BUCKET": "medivoy", "S3_PRIVATE_BUCKET": "medivoy"}
    two = nowhere | {"S3_PUBLIC_BUCKET": "medivoy-public", "S3_PRIVATE_BUCKET": "medivoy-private"}
    said = complaints([nowhere, nowhere | {"S3_PRIVATE_BUCKET": "medivoy-private"}, one, two])
    assert ["MEDIA_ROOT is not set, nor are two buckets" in text for text in said] == [True, True, True, False]
    assert said[-1] == ""


def test_papers_never_lie_in_the_bucket_that_anyone_may_read():
    both = {"S3_PUBLIC_BUCKET": "medivoy", "S3_PRIVATE_BUCKET": "medivoy"}
    [said] = complaints([GOOD | both])
    assert "S3_PUBLIC_BUCKET and S3_PRIVATE_BUCKET are the same bucket" in said


NEXTCLOUD = {
    "VIDEO_PROVIDER": "nextcloud",
    "NEXTCLOUD_URL": "https://cloud.example.com",
    "NEXTCLOUD_USER": "medivoy",
    "NEXTCLOUD_PASSWORD": secrets.token_urlsafe(30),
}
JITSI = {
    "VIDEO_PROVIDER": "jitsi",
    "JITSI_URL": "https://meet.example.com",
    "JITSI_APP_ID": "medivoy",
    "JITSI_SECRET": secrets.token_urlsafe(40),
}


def test_video_is_set_up_whole_or_not_at_all():
    """Names of what is wrong, and never a value: the last ones hold a secret that would be seen."""
    halves = [
        *[({**whole, name: ""}, f"{name} is not set") for whole in (NEXTCLOUD, JITSI) for name in list(whole)[1:]],
        ({**NEXTCLOUD, "NEXTCLOUD_URL": "http://cloud.example.com"}, "NEXTCLOUD_URL is not an address"),
        ({**JITSI, "JITSI_URL": "https://me:letmein@meet.example.com"}, "JITSI_URL is not an address"),
        ({**JITSI, "JITSI_SECRET": "letmein-letmein"}, "JITSI_SECRET is shorter than 32"),
        ({**NEXTCLOUD, "NEXTCLOUD_PASSWORD": "change-me-letmein"}, "NEXTCLOUD_PASSWORD is the example's value"),
    ]
    said = complaints([GOOD | NEXTCLOUD, GOOD | JITSI, *[GOOD | half for half, _expected in halves]])
    assert said[:2] == ["", ""]
    for text, (_half, expected) in zip(said[2:], halves, strict=True):
        assert expected in text
        assert "letmein" not in text


STRIPE = {"STRIPE_SECRET_KEY": "sk_live_letmein-letmein", "STRIPE_WEBHOOK_SECRET": "whsec_letmein-letmein"}
RAZORPAY = {
    "RAZORPAY_KEY_ID": "rzp_live_letmein",
    "RAZORPAY_KEY_SECRET": "letmein-letmein-key",
    "RAZORPAY_WEBHOOK_SECRET": "letmein-letmein-webhook",
}


def test_a_gateway_is_set_up_whole_or_not_at_all():
    halves = [
        *[({**whole, name: ""}, f"{name} is not set") for whole in (STRIPE, RAZORPAY) for name in whole],
        ({**STRIPE, "STRIPE_SECRET_KEY": "change-me-letmein"}, "STRIPE_SECRET_KEY is the example's value"),
        ({**STRIPE, "STRIPE_API_BASE": "http://letmein.example.com"}, "STRIPE_API_BASE is not an address"),
        ({**RAZORPAY, "RAZORPAY_API_BASE": "https://me:letmein@pay.example.com"}, "RAZORPAY_API_BASE is not an"),
    ]
    said = complaints([GOOD | STRIPE, GOOD | RAZORPAY, *[GOOD | half for half, _expected in halves]])
    assert said[:2] == ["", ""]
    for text, (_half, expected) in zip(said[2:], halves, strict=True):
        assert expected in text
        assert "letmein" not in text


@pytest.mark.parametrize("name", ["SANDBOX_GATEWAY_URL", "SANDBOX_GATEWAY_SECRET"])
def test_production_never_takes_made_up_money(name):
    [said] = complaints([GOOD | {name: "https://pay.example.com"}])
    assert "SANDBOX_GATEWAY_URL and SANDBOX_GATEWAY_SECRET are for development" in said


def test_public_files_are_asked_for_where_their_bucket_is(monkeypatch):
    def address(**environ):
        for name in ("S3_PUBLIC_BUCKET", "S3_PRIVATE_BUCKET", "S3_REGION", "S3_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        return Stores(environs.Env(), media_root=ROOT).public_url("https://our.own/")

    assert address() == "https://our.own/"
    assert address(S3_PUBLIC_BUCKET="files") == "https://s3.amazonaws.com/files/"
    assert address(S3_PUBLIC_BUCKET="files", S3_REGION="eu-central-1") == (
        "https://s3.eu-central-1.amazonaws.com/files/"
    )
    for endpoint in ("https://s3.example.com", "https://s3.example.com/"):
        said = address(S3_PUBLIC_BUCKET="files", S3_REGION="eu-central-1", S3_ENDPOINT_URL=endpoint)
        assert said == "https://s3.example.com/files/"


def test_an_environment_of_another_name_is_refused():
    [said] = complaints([GOOD | {"MEDIVOY_ENV": "prod"}])
    assert "MEDIVOY_ENV" in said


def test_the_example_file_starts_nothing_as_it_is():
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    [said] = complaints([example])
    assert "SECRET_KEY is the example's value" in said
    assert "JWT_SIGNING_KEY is the example's value" in said
    assert "FIELD_KEYS is the example's value" in said
    assert "BLIND_INDEX_KEY is the example's value" in said


def test_the_example_file_lists_every_variable_that_the_settings_read():
    code = (ROOT / "medivoy" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)) | {"FIELD_KEYS", "BLIND_INDEX_KEY"}
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert read - listed == set()


def test_in_production_debug_cannot_be_switched_on_and_transport_is_guarded():
    found = values(
        "DEBUG",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "LANGUAGE_COOKIE_SECURE",
        "CORS_ALLOWED_ORIGINS",
        "CSRF_TRUSTED_ORIGINS",
        "LOG_EXCEPTION_MESSAGES",
        **GOOD,
        DEBUG="true",
    )
    assert found == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 60 * 60,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SECURE": True,
        "CORS_ALLOWED_ORIGINS": [],
        "CSRF_TRUSTED_ORIGINS": ["https://medivoy.example.com"],
        "LOG_EXCEPTION_MESSAGES": False,
    }


def test_the_check_for_deployment_finds_nothing():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://cache.example.com:6379/3", "redis://cache.example.com:6379/3"),
        ("rediss://:pw@cache.example.com:6380/0", "rediss://:pw@cache.example.com:6380/0"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_one_redis_url_serves_the_cache_and_the_broker(redis_url, broker_url):
    found = values("REDIS_URL", "CELERY_BROKER_URL", MEDIVOY_ENV="test", REDIS_URL=redis_url)
    assert found == {"REDIS_URL": redis_url, "CELERY_BROKER_URL": broker_url}
