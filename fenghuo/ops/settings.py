"""Django's settings, derived from the data folder's configuration. Nothing here is edited by an operator."""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fenghuo.ops import database, log
from fenghuo.ops.config import SECRET_FILE, ConfigError, data_folder, load

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()
CONFIG = load(DATA)

_secret = DATA / SECRET_FILE
# Without an initialised data folder only tools run (checks, makemigrations); their key need not outlive them.
SECRET_KEY = _secret.read_text(encoding="ascii").strip() if _secret.exists() else secrets.token_urlsafe(48)
DEBUG = False
# Whoever set the public address meant its host to be answered.
ALLOWED_HOSTS = [*CONFIG.hosts, urlsplit(CONFIG.public_url).hostname or ""]
ROOT_URLCONF = "fenghuo.ops.urls"
WSGI_APPLICATION = "fenghuo.ops.wsgi.application"
AUTH_USER_MODEL = "ground.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "fenghuo.ground",
    "fenghuo.delivery",
    "fenghuo.readiness",
    "fenghuo.warning",
    "fenghuo.web",
    "fenghuo.api",
]

MIDDLEWARE = [
    "fenghuo.api.metrics.measured",
    "fenghuo.api.middleware.errors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fenghuo.web.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fenghuo.web.middleware.language",
    "fenghuo.web.middleware.sized",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fenghuo.web.accounts.middleware.sessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "fenghuo.web.middleware.SignedIn",
    "fenghuo.web.middleware.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]


SCHEMAS = database.schemas(CONFIG.database_schema)


def _password() -> str:
    """From its file, where one is named."""
    if not CONFIG.database_password_file:
        return ""
    path = DATA / CONFIG.database_password_file
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}：database_password_file：无法读取 / cannot be read: {error}") from None


def _database(url: str, alias: str, file: str, patience: float) -> dict[str, Any]:
    if not url:
        return database.sqlite(DATA / file)
    if wanting := database.wanting():
        raise ConfigError(wanting)
    return database.postgres(url, password=_password(), schema=SCHEMAS[alias], patience=patience)


DATABASES = {
    "default": _database(CONFIG.database_url, "default", "main.db", database.PERSONS),
    # A sender that falls silent in the middle of a commit must have let go of its rows when its lease ends.
    "ledger": _database(CONFIG.ledger_url or CONFIG.database_url, "ledger", "ledger.db", CONFIG.lease_seconds / 2),
}
DATABASE_ROUTERS = ["fenghuo.ops.router.Router"]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# Guessers are slowed by account and by network; a device on which the account has signed in before is not (fault X2).
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1  # hour; tries meanwhile are not evaluated and do not prolong it
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_WHITELIST_CALLABLE = "fenghuo.web.accounts.devices.exempt"
AXES_CLIENT_IP_CALLABLE = "fenghuo.web.accounts.devices.network"
AXES_LOCKOUT_CALLABLE = "fenghuo.web.accounts.devices.slowed"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the journal says who came in
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_NAME = "fenghuo_session"
CSRF_COOKIE_NAME = "fenghuo_csrf"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fenghuo.web.shell.context.shell",
            ]
        },
    }
]
LANGUAGE_CODE = CONFIG.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = CONFIG.time_zone
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "fenghuo.ops.static.Storage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CONFIG.public_url.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "sign-in"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# A form or a call is text; what is larger than this is not one of ours. An outline of 50,000 corners has more than a megabyte.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

log.prepare()
LOGGING = log.configuration(CONFIG.log_level)

FENGHUO = CONFIG
