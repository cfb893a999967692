"""A town at work, whose keyring trusts the county."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from fenghuo.ground.keyring import actions as keyring
from tests.warning.alerts.makers import Town, make_town
from tests.warning.relay.messages import CERTIFICATE


@pytest.fixture
def town(shipped_templates: None, db: None) -> Town:
    return make_town()


@pytest.fixture
def trusted(tmp_path, settings) -> None:
    settings.DATA = tmp_path
    keyring.make(organisation="下仓镇人民政府", installation="localhost")
    keyring.trust(pem=CERTIFICATE.public_bytes(Encoding.PEM), areas=["120119"], named="county.pem")
