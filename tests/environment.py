"""Loaded before Django: every test process has its own empty data folder and none of the operator's settings.

A pytest plugin (`-p tests.environment`), because Django's settings are read before any conftest.py is.
"""

import os
import tempfile
from pathlib import Path

import pytest

from tests.templates import shared

_folder = tempfile.TemporaryDirectory(prefix="fenghuo-test-")

for _name in [name for name in os.environ if name.startswith("FENGHUO_")]:
    del os.environ[_name]
os.environ["FENGHUO_DATA"] = _folder.name
shared()  # before xdist starts its workers, so that they share it
# `web` collects its style sheets here before it starts; tests are served from the package, but whitenoise wants the folder.
Path(_folder.name, "static").mkdir()


def pytest_unconfigure(config: pytest.Config) -> None:
    _folder.cleanup()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The data folder this test process's Django settings were read from."""
    return Path(_folder.name)
