"""Where else the programme goes: what is refused before anything starts, and what the flow is given."""

from typing import Any

import pytest

from lambdas.engines.media_flows import encode_flow
from lambdas.engines.production_plan import make_production
from lambdas.production.credentials import node_credentials
from lambdas.production.destinations import cut_off_destinations
from lambdas.production.errors import InvalidInput
from lambdas.production.secrets import PASSPHRASE
from lambdas.runtime.settings import ModuleSettings
from lambdas.validate_input import check_document, check_places
from tests.unit.lambdas.test_input import EXECUTION, changed

RTMP: dict[str, Any] = {"kind": "rtmp", "url": "rtmp://a.example.com/live2", "keySecret": "organist/news/key"}
RTMPS: dict[str, Any] = RTMP | {"url": "rtmps://a.example.com/live2"}
SRT: dict[str, Any] = {"kind": "srt", "address": "192.0.2.7", "port": 9000}
LISTENER: dict[str, Any] = {"kind": "srt", "mode": "listener"}
RTP: dict[str, Any] = {"kind": "rtp", "address": "192.0.2.8", "port": 5004}


def document(*destinations: dict[str, Any], **encode: Any) -> dict[str, Any]:
    return changed("output", {"destinations": list(destinations)}) | ({"encode": encode} if encode else {})


def mistakes(*destinations: dict[str, Any], **encode: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        check_document(document(*destinations, **encode))
    return list(refused.value.mistakes)


def test_eight_of_every_kind_are_taken() -> None:
    named = [
        one | {"name": f"{one['kind']} {number}"}
        for number, one in enumerate([RTMP, RTMPS, SRT, LISTENER, RTP] * 2)
    ]
    check_document(document(*named[:8]))
    assert "expected a list of 0 to 8 items" in mistakes(*named[:9])[0]


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ({"kind": "rtmp", "keySecret": "organist/news/key"}, "url is missing"),
        ({"kind": "rtmp", "url": "rtmp://a.example.com/live"}, "keySecret is missing"),
        ({"kind": "srt"}, "address is missing"),
        ({"kind": "rtp", "address": "192.0.2.7"}, "port is missing"),
        (RTMP | {"url": "rtmp://a.example.com"}, "url is"),
        (RTMP | {"url": "rtmp://user:password@a.example.com/live"}, "url is"),
        (RTMP | {"url": "http://a.example.com/live"}, "url is"),
        (RTMP | {"port": 1935}, "port is given; expected none for kind rtmp"),
        (SRT | {"keySecret": "organist/news/key"}, "keySecret is given; expected none for kind srt"),
        (RTP | {"mode": "listener"}, "mode is given; expected none for kind rtp"),
        (RTP | {"port": 80}, "port is 80; expected one from 1024 on"),
        (
            LISTENER | {"address": "192.0.2.7"},
            "address is given, and this destination waits for its receivers, on port 9740",
        ),
        (
            LISTENER | {"passphraseSecret": "organist/news/p"},
            "passphraseSecret is given, and this destination waits",
        ),
    ],
)
def test_what_contradicts_itself_is_named(destination: dict[str, Any], expected: str) -> None:
    found = mistakes(destination)
    assert any(one.startswith("$.output.destinations[0]") and expected in one for one in found), found
    assert "password" not in "".join(found)


def test_names_are_their_own() -> None:
    (mistake,) = mistakes(SRT | {"name": "studio"}, RTP | {"name": "studio"})
    assert '2 destinations with the name "studio"' in mistake
    check_document(document(SRT, SRT | {"port": 9001}))


def test_hevc_never_goes_to_rtmp() -> None:
    (mistake, _alone) = mistakes(SRT, RTMPS, codec="hevc")
    assert mistake.startswith('$.output.destinations[1].kind is "rtmp" with $.encode.codec "hevc"')
    beside = document(SRT, codec="hevc")
    beside["encode"]["renditions"] = [{"height": 360, "bitRate": 1_000_000}]
    check_document(beside)


def test_dynamorse_sends_nowhere_else() -> None:
    source = {"kind": "s3", "location": "s3://bucket/key"}
    asked = document(SRT) | {"engine": "dynamorse", "sources": [source] * 2}
    with pytest.raises(InvalidInput, match=r"\$\.output\.destinations is given; expected none"):
        check_document(asked)


@pytest.mark.parametrize(
    ("destination", "network", "cut_off"),
    [
        (RTMPS, "", False),
        (RTMP, "", True),
        (SRT, "", True),
        (LISTENER, "", True),
        (RTMP, "0.0.0.0/0", False),
        (RTMP | {"url": "rtmp://192.0.2.7/live"}, "192.0.2.0/24", False),
        (RTMP | {"url": "rtmp://192.0.3.7/live"}, "192.0.2.0/24", True),
        (RTMP | {"url": "rtmp://a.example.com:1936/live"}, "0.0.0.0/0", True),
        (SRT, "192.0.2.0/24", False),
        (SRT, "198.51.100.0/24", True),
        (RTP, "198.51.100.0/24", True),
        (LISTENER, "198.51.100.0/24", False),
    ],
)
def test_where_no_security_group_lets_it_go_it_is_refused(
    destination: dict[str, Any], network: str, cut_off: bool
) -> None:
    found = list(cut_off_destinations([destination], network))
    assert len(found) == cut_off
    settings = ModuleSettings("", (), "eu-west-1", destination_cidr=network)
    if cut_off:
        assert found[0].startswith("$.output.destinations[0]")
        with pytest.raises(InvalidInput):
            check_places(document(destination), settings)
    else:
        check_places(document(destination), settings)


def test_a_key_of_another_stack_is_refused() -> None:
    settings = ModuleSettings("", (), "eu-west-1", stack_name="sport", destination_cidr="0.0.0.0/0")
    with pytest.raises(
        InvalidInput, match=r"output\.destinations\[0\]\.keySecret is .*begins with organist/sport/"
    ):
        check_places(document(RTMP), settings)


def test_a_node_for_each_behind_the_encoder() -> None:
    production = make_production(document(RTMP | {"name": "the service"}, LISTENER), EXECUTION)
    flow = encode_flow(production, "10.0.0.7")
    encoder = next(node for node in flow["nodes"] if node["id"] == "encoder")
    assert encoder["wires"] == [["hls-out", "file-out", "destination-1", "destination-2"]]
    first, second = [node for node in flow["nodes"] if node["type"] == "media-destination"]
    assert (first["name"], first["number"], first["keySecret"]) == ("the service", 1, "organist/news/key")
    assert (second["name"], second["mode"], second["port"]) == ("destination 2", "listener", 9741)
    assert "passphrase" not in str(flow)
    assert node_credentials("secret", "ab12cd34", first) == {}
    (passphrase,) = node_credentials("secret", "ab12cd34", second).values()
    assert PASSPHRASE.fullmatch(passphrase)
    assert passphrase not in node_credentials("secret", "ab12cd34", second | {"number": 3}).values()
