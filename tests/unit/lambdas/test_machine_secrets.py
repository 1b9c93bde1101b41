"""The secrets of a machine: different for each purpose and each machine, the same every time."""

import hashlib
import hmac

from lambdas.production import secrets


def test_the_token_is_the_hmac_of_the_machines_name() -> None:
    expected = hmac.new(b"stack secret", b"mixer-1", hashlib.sha256).hexdigest()
    assert secrets.node_red_token("stack secret", "mixer-1") == expected


def test_no_two_purposes_share_a_secret() -> None:
    given = {
        secrets.node_red_token("s", "mixer-1"),
        secrets.node_red_token("s", "mixer-2"),
        secrets.node_red_token("t", "mixer-1"),
        secrets.operator_password("s", "mixer-1"),
        secrets.operator_password("s", "mixer-2"),
        secrets.link_passphrase("s", "mixer-1"),
    }
    assert len(given) == 6


def test_a_passphrase_has_a_length_that_srt_takes() -> None:
    assert 10 <= len(secrets.link_passphrase("s", "1f0c9a2e")) <= 79
