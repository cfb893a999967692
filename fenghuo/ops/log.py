"""Logs: one JSON object per line on standard error, from our own code and every library. Secrets never reach them (X18)."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"
# What a secret looks like wherever it appears: an API token, a one-time link, a password inside a database address.
_SHAPES = (
    (re.compile(r"\bfh_[0-9A-Za-z]+_[0-9A-Za-z_-]+"), f"fh_{HIDDEN}"),
    (re.compile(r"(/(?:invitations|enter|bootstrap)/)[^/\s\"'?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^:/@\s]*):[^@/\s]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer\s+)\S+"), rf"\1{HIDDEN}"),
)
_NAMES = re.compile(
    r"(?i)(password|secret|token|totp|otp|authorization|cookie|sessionid|csrf|bootstrap|shared_key|nonce)"
)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace whatever is named or shaped like a secret, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if key not in ("event", "exception") and _NAMES.search(key):
        return HIDDEN
    if isinstance(value, str):
        for shape, instead in _SHAPES:
            value = shape.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), one) for inner, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean("", one) for one in value]
    return value


def _process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["pid"] = record.process
    return event


_BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error as JSON lines. `level` is debug, info, warning or error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _BEFORE,
                "processors": [
                    _process,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"handlers": [], "level": level.upper(), "propagate": True},
            # A 404 or a 403 is the asker's affair; the journal keeps what matters.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }


def prepare() -> None:
    """Let `structlog.get_logger()` write through the standard logging that `configuration` describes."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
