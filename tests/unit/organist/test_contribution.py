"""What `organist sources` says: the lines to type, with what the machines really take."""

import pytest

from lambdas.engines.production_plan import make_production
from lambdas.production import secrets
from organist.report.contribution import arrival, live_sources, receivers_lines

MACHINE = {"instanceType": "c6i.large"}
PRODUCTION = make_production(
    {
        "mixParams": {"instanceName": "mixer", **MACHINE},
        "encodeParams": {"instanceName": "encoder", **MACHINE},
        "sources": [
            {"kind": "pattern"},
            {"kind": "srt", "name": "camera", "latencyMs": 200},
            {"kind": "rtmp"},
            {"kind": "rtp"},
            {"kind": "srt", "mode": "caller", "address": "192.0.2.7", "port": 9000},
            {"kind": "rtp", "sdp": "v=0\nm=video 5004 RTP/AVP 96\n"},
        ],
    },
    {"id": "arn:news", "name": "news", "startTime": "2026-11-22T19:00:00Z"},
)


def test_only_live_sources_are_told_with_their_ports_and_secrets() -> None:
    found = {source.name: dict(source.lines()) for source in live_sources(PRODUCTION, "203.0.113.9", "s")}
    passphrase = secrets.source_passphrase("s", PRODUCTION["productionId"], 2)
    key = secrets.stream_key("s", PRODUCTION["productionId"], 3)

    assert list(found) == ["camera", "bus 3", "bus 4", "bus 5", "bus 6"]
    url = f"srt://203.0.113.9:9721?mode=caller&latency=200000&passphrase={passphrase}&pbkeylen=16"
    assert url in found["camera"]["OBS"]
    assert f"-f mpegts '{url}'" in found["camera"]["FFmpeg"]
    assert f"port 9721, latency 200 ms, AES-128, passphrase {passphrase}" in found["camera"]["encoder"]
    assert f"server rtmp://203.0.113.9:1935/live  stream key {key}" in found["bus 3"]["OBS"]
    assert found["bus 3"]["FFmpeg"].endswith(f"-f flv rtmp://203.0.113.9:1935/live/{key}")
    assert found["bus 4"]["FFmpeg"].endswith("-f rtp_mpegts rtp://203.0.113.9:9733")
    assert found["bus 5"] == {"called": "the mixer machine calls 192.0.2.7:9000"}
    assert found["bus 6"]["encoder"].endswith("every stream and its RTCP to 203.0.113.9, port 9735")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "not known before the production is on air"),
        ({"state": "live", "lastError": "an old one"}, "arriving"),
        ({"state": "slate", "lastError": None}, "not arriving"),
        ({"state": "hold", "lastError": "SenderGone: …"}, "lost: its last picture is held (SenderGone: …)"),
    ],
)
def test_whether_it_arrives(state: dict[str, str | None] | None, words: str) -> None:
    assert arrival(state) == words


def test_only_destinations_that_wait_are_told_with_the_line_that_receives() -> None:
    destinations = [
        {"kind": "srt", "address": "192.0.2.7", "port": 9000},
        {"kind": "srt", "mode": "listener", "name": "whoever calls", "latencyMs": 200},
    ]
    production = {**PRODUCTION, "output": {**PRODUCTION["output"], "destinations": destinations}}
    passphrase = secrets.destination_passphrase("s", PRODUCTION["productionId"], 2)
    url = f"srt://203.0.113.9:9741?mode=caller&latency=200000&passphrase={passphrase}&pbkeylen=16"
    assert list(receivers_lines(production, "203.0.113.9", "s")) == [("whoever calls", f"ffplay '{url}'")]
