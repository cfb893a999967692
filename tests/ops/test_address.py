"""The address that `fenghuo up` prints and its children believe."""

import os
from typing import Any

from fenghuo.ops.commands.up import public_address


def test_behind_a_proxy_with_tls_the_address_stays_as_it_is_set(settings: Any) -> None:
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": "https://localhost:8443"})
    assert public_address(8123, asked=True) == "https://localhost:8443"
    assert "FENGHUO_PUBLIC_URL" not in os.environ  # else cookies would lose Secure in every child
