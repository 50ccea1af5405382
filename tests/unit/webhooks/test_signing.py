# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The standard's own example, and what is no secret of it."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import signing

from .conftest import SECRET


def test_the_standards_example() -> None:
    found = signing.headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_new_secret_is_one() -> None:
    made = signing.new_secret()
    assert len(signing.key(made)) == 30
    assert made != signing.new_secret()
    assert "=" not in made


@pytest.mark.parametrize("secret", ["", "whsec_", SECRET.removeprefix("whsec_"), "whsec_a b", "whsec_é", "whsec_AAAA"])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match=r"no base64|not of"):
        signing.key(secret)
