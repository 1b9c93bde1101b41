"""The secrets of a machine: different for each purpose and each machine, the same every time."""

import hashlib
import hmac

import pytest

from lambdas.production import secrets
from lambdas.production.credentials import node_credentials


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
        *(secrets.source_passphrase("s", production, number) for production in "ab" for number in (1, 2)),
        *(secrets.stream_key("s", production, number) for production in "ab" for number in (1, 2)),
    }
    assert len(given) == 6 + 8


def test_a_passphrase_has_a_length_that_srt_takes() -> None:
    for passphrase in (
        secrets.link_passphrase("s", "1f0c9a2e"),
        secrets.source_passphrase("s", "1f0c9a2e", 1),
    ):
        assert 10 <= len(passphrase) <= 79


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"type": "media-link-in"}, {"passphrase": secrets.link_passphrase("s", "p")}),
        (
            {"type": "media-source", "kind": "srt", "bus": 3},
            {"passphrase": secrets.source_passphrase("s", "p", 3)},
        ),
        ({"type": "media-source", "kind": "srt", "mode": "caller", "bus": 3}, {}),
        ({"type": "media-source", "kind": "rtmp", "bus": 2}, {"streamKey": secrets.stream_key("s", "p", 2)}),
        ({"type": "media-source", "kind": "rtp", "bus": 2}, {}),
        ({"type": "media-mixer"}, {}),
    ],
)
def test_a_node_is_given_the_secret_of_its_job(node: dict[str, object], expected: dict[str, str]) -> None:
    assert node_credentials("s", "p", node) == expected
