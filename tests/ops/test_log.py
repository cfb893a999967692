"""Secrets never reach a log (FAULTS X18), whichever way they come."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from fenghuo.ops import log

CANARY = "kanarienvogel1234567890abcdef"


@pytest.fixture
def lines():
    """What the log holds, line by line."""
    configuration = log.configuration("info")
    stream = io.StringIO()
    configuration["handlers"]["stderr"]["stream"] = stream
    before = logging.root.handlers[:], logging.root.level
    logging.config.dictConfig(configuration)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)


@pytest.mark.parametrize(
    "event",
    [
        {"password": CANARY},
        {"gateway": {"shared_secret": CANARY}},
        {"headers": [{"Authorization": f"Bearer {CANARY}"}]},
        {"path": f"/invitations/{CANARY}/"},
        {"path": f"/enter/{CANARY}/?next=/"},
        {"reason": f"could not reach postgres://fenghuo:{CANARY}@10.0.0.5/fenghuo"},
        {"said": f"token fh_01abc_{CANARY} refused"},
        {"totp": CANARY},
        {"session_cookie": CANARY},
    ],
)
def test_what_is_named_or_shaped_like_a_secret_is_hidden(lines, event: dict) -> None:
    structlog.get_logger("fenghuo.test").warning("something", **event)
    (line,) = lines()
    assert CANARY not in json.dumps(line)
    assert line["event"] == "something"
    assert line["level"] == "warning"


def test_a_library_that_logs_an_address_with_a_password_is_cleaned(lines) -> None:
    logging.getLogger("some.library").error("connecting to %s", f"postgres://u:{CANARY}@h/d")
    assert CANARY not in json.dumps(lines())


def test_a_trace_is_one_line_and_clean(lines) -> None:
    try:
        raise ValueError(f"bad address postgres://u:{CANARY}@h/d")
    except ValueError:
        structlog.get_logger("fenghuo.test").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert CANARY not in line["exception"]


def test_what_is_no_secret_stays(lines) -> None:
    structlog.get_logger("fenghuo.test").info("fell", child="web", status=1, path="/alerts/01ABC/review/")
    (line,) = lines()
    assert (line["child"], line["status"], line["path"]) == ("web", 1, "/alerts/01ABC/review/")
