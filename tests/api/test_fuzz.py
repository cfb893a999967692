"""schemathesis asks every operation of the OpenAPI document for what it may not answer (FAULTS H6)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.makers.instance import Instance

# Whether a valid body is accepted is the business of rules that no schema tells; everything else is checked.
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
        "unsupported_method",
        "ignored_auth",
    ]
)


@pytest.mark.slow
def test_no_request_makes_the_api_break_its_word(instance: Instance, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"http://localhost:{instance.port}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {instance.people['entry'].token}"),
        *("--checks", CHECKS),
        *("--max-examples", "30"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--seed", "1"),
        *("--generation-database", "none"),
        *("--no-color", "--suppress-health-check", "all"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=280)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    log = (instance.data / "running.log").read_text()
    assert "Traceback" not in log
