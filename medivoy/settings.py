"""All settings, in sections; the environment decides. `.env.example` lists every variable.

MEDIVOY_ENV is `production` unless it says otherwise, and production refuses to start with a missing or default secret.
"""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environs
import structlog
from corsheaders.defaults import default_headers
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from apps.common import logs

from .beat import SCHEDULE
from .colours import COLOURS
from .enum_names import ENUM_NAMES
from .gateways import Gateways
from .keys import read_keys, wrong_with_keys
from .stores import CACHE_CONTROL, Stores
from .video import Video

BASE_DIR = Path(__file__).resolve().parent.parent
env = environs.Env()

# --- Environment -----------------------------------------------------------------------------------------------------
ENVIRONMENT = env.str(
    "MEDIVOY_ENV", "production", validate=environs.validate.OneOf(["production", "development", "test"])
)
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False if PRODUCTION else env.bool("DEBUG", False)
INSECURE_DEFAULT_SECRET = "insecure-default-for-development-only-never-for-production"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", "" if PRODUCTION else INSECURE_DEFAULT_SECRET)
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", "" if PRODUCTION else INSECURE_DEFAULT_SECRET + "-jwt")
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "" if PRODUCTION else "redis://localhost:6379/0")
#: Where people reach this installation, without a slash at the end: links in e-mails start with it.
PUBLIC_URL = env.str("PUBLIC_URL", "" if PRODUCTION else "http://localhost:8000")
#: Where the patients' and doctors' app lives: links for them (reset a password) start with it.
APP_URL = env.str("APP_URL", PUBLIC_URL)
FIELD_KEYS, BLIND_INDEX_KEY = read_keys(env, production=PRODUCTION)


def _refuse_bad_production() -> None:
    """Say everything that is wrong at once, by the variable's name and never by its value."""
    secrets = {"SECRET_KEY": SECRET_KEY, "JWT_SIGNING_KEY": JWT_SIGNING_KEY}
    hosts, email_url = env.str("ALLOWED_HOSTS", ""), env.str("EMAIL_URL", "")
    places = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL, "PUBLIC_URL": PUBLIC_URL, "EMAIL_URL": email_url}
    needed = secrets | places | {"ALLOWED_HOSTS": hosts}
    wrong = [f"{name} is not set" for name, value in needed.items() if not value]
    wrong += [f"{name} is the example's value" for name, value in needed.items() if "change-me" in value]
    wrong += [f"{name} is the one for development" for name, value in secrets.items() if "insecure" in value]
    wrong += [
        f"{name} is shorter than 50 characters, or too plain"
        for name, value in secrets.items()
        if value and (len(value) < 50 or len(set(value)) < 20)
    ]
    if SECRET_KEY and SECRET_KEY == JWT_SIGNING_KEY:
        wrong.append("JWT_SIGNING_KEY is the same as SECRET_KEY")
    if PUBLIC_URL and not PUBLIC_URL.startswith("https://"):
        wrong.append("PUBLIC_URL does not begin with https://")
    if email_url and not email_url.startswith(("smtp://", "submission://")):
        wrong.append("EMAIL_URL does not begin with smtp:// or submission://")
    wrong += wrong_with_keys(FIELD_KEYS, BLIND_INDEX_KEY)
    wrong += Stores(env, media_root=BASE_DIR).what_is_missing() + Video(env).what_is_wrong()
    wrong += Gateways(env).what_is_wrong()
    if "*" in hosts:
        wrong.append("ALLOWED_HOSTS lets any host in")
    if wrong:
        raise ImproperlyConfigured("MEDIVOY_ENV is production, and this keeps it from starting: " + "; ".join(wrong))


if PRODUCTION:
    _refuse_bad_production()

# --- Applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "modeltranslation",
    "unfold.apps.BasicAppConfig",  # the admin's site is ours: see medivoy.admin_app
    "unfold.contrib.filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "pgtrigger",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_celery_beat",
    "apps.common",
    "apps.media",
    "apps.accounts",
    "apps.notifications",
    "apps.hospitals",
    "apps.clinical",
    "apps.billing",
    "apps.bookings",
    "apps.interop",
    "medivoy",
    "medivoy.admin_app.MedivoyAdminConfig",
]
MIDDLEWARE = [
    "apps.common.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.common.middleware.HeadersMiddleware",
    "apps.common.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.common.middleware.LanguageMiddleware",
    "apps.common.middleware.RefuseNulMiddleware",
    "apps.common.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.common.middleware.AuthenticationMiddleware",
    "apps.common.middleware.SecondFactorMiddleware",
    "apps.common.middleware.AuditMiddleware",
    "apps.common.middleware.MessageMiddleware",
    "apps.accounts.middleware.AdminMiddleware",
]
ROOT_URLCONF = "medivoy.urls"
WSGI_APPLICATION = "medivoy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
#: Itself too, for health checks; nothing is built from the Host header, links are made from PUBLIC_URL.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["testserver"]), "localhost", "127.0.0.1", "[::1]"]
#: How many of our own proxies stand in front (they append to X-Forwarded-For).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
#: Who may read /metrics: this machine and private networks.
INTERNAL_NETWORKS = [
    ip_network(text)
    for text in env.list(
        "INTERNAL_NETWORKS",
        ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"],
    )
]
PROMETHEUS_MULTIPROC_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", "")
METRICS_READERS = ["medivoy.gauges.outbox", "medivoy.gauges.queues"]
#: The demo's people, as `seed_demo` writes them for the front page.
DEMO_FILE = BASE_DIR / "var" / "demo.json"

# --- Database --------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", "postgres://medivoy@localhost/medivoy")}
DATABASES["default"] |= {
    "ENGINE": "apps.common.postgresql",
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
    }
)

# --- Redis: cache, limits, broker ------------------------------------------------------------------------------------
REDIS_TIMEOUT_SECONDS = 2
CACHES = {
    "default": {
        "BACKEND": "apps.common.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
    }
}


def _broker_url(redis_url: str) -> str:
    """Celery spells a Redis socket `redis+socket:///path?virtual_host=0`, redis-py `unix:///path?db=0`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={database}"


CELERY_BROKER_URL = _broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60 * 60,  # above the longest task, or a running one is given to a second worker
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": REDIS_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
    "max_retries": 1,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TIMEZONE = "UTC"

# --- Sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "apps.accounts.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if ENVIRONMENT == "test":  # Argon2 takes a tenth of a second on purpose; one test uses it on purpose too
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "apps.accounts.validators.LengthValidator"},
    {"NAME": "apps.accounts.validators.CharacterClassValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "medivoy",
    "AUDIENCE": "medivoy-api",
    "USER_ID_CLAIM": "sub",
    "AUTH_HEADER_TYPES": ("Bearer",),
    "UPDATE_LAST_LOGIN": False,
}
#: Roles that cannot use the admin without a second factor. Anyone enrolled is asked for it everywhere.
SECOND_FACTOR_REQUIRED_ROLES = env.list("SECOND_FACTOR_REQUIRED_ROLES", ["admin", "coordinator"] if PRODUCTION else [])
OTP_TOTP_ISSUER = "Medivoy"
OTP_STATIC_THROTTLE_FACTOR = 0  # attempts are limited by accounts.second_factor instead
LOGIN_URL = reverse_lazy("admin:login")
SESSION_COOKIE_AGE = 12 * 60 * 60
#: The admin signs out by itself after so many seconds without a click.
ADMIN_IDLE_SECONDS = env.int("ADMIN_IDLE_SECONDS", 30 * 60)

# --- The API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["apps.common.api.renderers.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.common.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "apps.common.api.pagination.EnvelopePagination",
    "DEFAULT_FILTER_BACKENDS": ["apps.common.api.filters.FilterBackend", "apps.common.api.filters.SortBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.common.throttling.GeneralThrottle"],
    "DEFAULT_METADATA_CLASS": "apps.common.api.metadata.AllowedMethods",
    "DEFAULT_SCHEMA_CLASS": "apps.common.api.schema.EnvelopeAutoSchema",
    "EXCEPTION_HANDLER": "apps.common.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Medivoy API",
    "DESCRIPTION": "Medical travel: doctors, hospitals, consultations and treatment trips, from search to follow-up.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.common.api.schema.add_components",
        "apps.common.api.schema.tag_by_path",
        "apps.common.api.schema.empty_data_for_no_serializer",
    ],
}
#: The general limit of each person or address.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600)
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "x-request-id"]
CORS_EXPOSE_HEADERS = ["Content-Language", "Idempotent-Replayed", "Retry-After", "X-Request-ID"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Languages and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية"), ("hi", "हिन्दी"), ("es", "Español"), ("fr", "Français")]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Exchange rates ---------------------------------------------------------------------------------------------------
#: `ecb` is the European Central Bank, `file` a file of ours: see apps.common.exchange.providers.
EXCHANGE_RATES_PROVIDER = env.str(
    "EXCHANGE_RATES_PROVIDER", "ecb" if PRODUCTION else "file", validate=environs.validate.OneOf(["ecb", "file"])
)
EXCHANGE_RATES_URL = env.str("EXCHANGE_RATES_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml")
EXCHANGE_RATES_FILE = env.path("EXCHANGE_RATES_FILE", BASE_DIR / "data" / "demo" / "exchange_rates.json")

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static" if PRODUCTION else None  # elsewhere whitenoise serves the sources
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", BASE_DIR / "var" / "media")
_stores = Stores(env, media_root=MEDIA_ROOT)
MEDIA_CACHE_CONTROL = CACHE_CONTROL
#: What the address of a public file begins with: our own, the bucket's, or that of a delivery network in front of it.
MEDIA_PUBLIC_URL = env.str("MEDIA_PUBLIC_URL", _stores.public_url(f"{PUBLIC_URL}/media/public/")).rstrip("/") + "/"
#: Other hosts that pictures on our own pages come from.
MEDIA_ORIGINS: list[str] = env.list("MEDIA_ORIGINS", [])
FILE_UPLOAD_HANDLERS = ["apps.media.uploads.BoundedUpload"]
#: `clamd` is ClamAV's daemon, `off` none: see apps.media.scanning. Production must say which.
MEDIA_SCANNER = env.str("MEDIA_SCANNER", "off", validate=environs.validate.OneOf(["clamd", "off"]))
MEDIA_SCANNER_ADDRESS = env.str("MEDIA_SCANNER_ADDRESS", "unix:///run/clamav/clamd.ctl")
STORAGES = {
    "default": _stores.store("private"),  # what forgets to name its store is never public
    "public": _stores.store("public"),
    "private": _stores.store("private"),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Outside production files are looked up when asked for, as there is no collected directory.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

# --- Consultations by video ------------------------------------------------------------------------------------------
#: `nextcloud`, `jitsi` or `off`: see apps.bookings.teleconsult. Production must say which.
_video = Video(env)
VIDEO_PROVIDER = _video.provider
NEXTCLOUD_URL, NEXTCLOUD_USER, NEXTCLOUD_PASSWORD = _video.of("nextcloud")
JITSI_URL, JITSI_APP_ID, JITSI_SECRET = _video.of("jitsi")

# --- Payment gateways ------------------------------------------------------------------------------------------------
_gateways = Gateways(env)
STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE = _gateways.of("stripe")
RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, RAZORPAY_WEBHOOK_SECRET, RAZORPAY_API_BASE = _gateways.of("razorpay")
SANDBOX_GATEWAY_URL, SANDBOX_GATEWAY_SECRET = _gateways.of("sandbox")
#: Seconds to connect, and to wait for each part of an answer.
GATEWAY_TIMEOUTS = (5.0, 15.0)
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", "")
#: Where a payer may be sent on to after paying: scheme and host, each.
PAYMENT_RETURN_ORIGINS = [
    f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, [PUBLIC_URL, APP_URL, *CORS_ALLOWED_ORIGINS])
] + env.list("PAYMENT_RETURN_ORIGINS", [])

# --- E-mail ----------------------------------------------------------------------------------------------------------
if env.str("EMAIL_URL", ""):
    _email = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email["EMAIL_HOST"]
    EMAIL_PORT = _email["EMAIL_PORT"]
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
else:  # nothing is sent: e-mails are kept as rows and read in the admin
    EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Medivoy <no-reply@medivoy.example.com>")
#: Part of what calendars know our entries by: changed, it makes strangers of all that they have.
CALENDAR_DOMAIN = env.str("CALENDAR_DOMAIN", DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> "))

# --- Security --------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^api/v1/health(/db|/redis|/ready)?$", r"^metrics$"]
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", *MEDIA_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
#: JSON, text and documents load nothing and are framed nowhere.
DATA_CONTENT_SECURITY_POLICY = {"default-src": [NONE], "frame-ancestors": [NONE]}
#: Swagger UI and ReDoc write their own styles into the page; ReDoc searches in a worker made from a blob.
DOCS_CONTENT_SECURITY_POLICY = {"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]}
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
#: The admin's Alpine.js evaluates attributes: without 'unsafe-eval' a modal covers the sign-in page.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "frame-src": [SELF],  # the preview of an e-mail, in a sandbox
}

# --- Subscriptions ---------------------------------------------------------------------------------------------------
#: What hospitals and doctors without a subscription may have at most; not set: as much as they like.
UNSUBSCRIBED_HOSPITAL_MAX_DOCTORS: int | None = env.int("UNSUBSCRIBED_HOSPITAL_MAX_DOCTORS", None)
UNSUBSCRIBED_HOSPITAL_MAX_APPOINTMENTS: int | None = env.int("UNSUBSCRIBED_HOSPITAL_MAX_APPOINTMENTS", None)
UNSUBSCRIBED_DOCTOR_MAX_APPOINTMENTS: int | None = env.int("UNSUBSCRIBED_DOCTOR_MAX_APPOINTMENTS", None)

# --- Logs ------------------------------------------------------------------------------------------------------------
#: Messages of exceptions quote values (an e-mail that is taken), so they are logged only where the data is made up.
LOG_EXCEPTION_MESSAGES = ENVIRONMENT == "development"
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_silent = {"handlers": ["nowhere"], "propagate": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                logs.add_exception,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # Libraries print SQL parameters and message bodies when they debug: they never do.
    "root": {"handlers": ["console"], "level": "INFO" if LOG_LEVEL == "DEBUG" else LOG_LEVEL},
    "loggers": {
        "apps": {"level": LOG_LEVEL},
        "medivoy": {"level": LOG_LEVEL},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Said by us in one line a request and a task; these would add paths, hosts and messages of exceptions.
        "django.request": _silent,
        "django.security": _silent,
        "celery.app.trace": _silent,
        "httpx": _silent,  # it prints addresses, and that of a video room is a way in
        "stripe": _silent,  # it quotes the messages of errors
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_processors,
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

# --- The admin -------------------------------------------------------------------------------------------------------
ENVIRONMENT_LABEL = {"production": "", "development": _("Development"), "test": _("Test")}[ENVIRONMENT]
UNFOLD = {
    "SITE_TITLE": "Medivoy",
    "SITE_HEADER": "Medivoy",
    "SITE_SUBHEADER": "medivoy.admin_navigation.subheader",
    "SITE_URL": "/",
    "SITE_ICON": "medivoy.admin_navigation.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "medivoy.admin_navigation.icon"}],
    "STYLES": ["medivoy.admin_navigation.stylesheet", "medivoy.admin_navigation.mirrored_stylesheet"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "COLORS": COLOURS,
    "ENVIRONMENT": "medivoy.admin_navigation.environment",
    "DASHBOARD_CALLBACK": "medivoy.dashboard.fill",
    "ACCOUNT": {"navigation": "medivoy.admin_navigation.account_links"},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "medivoy.admin_navigation.sidebar"},
}
