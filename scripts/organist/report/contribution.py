"""How a live source is sent: what a person types into OBS, FFmpeg or an encoder, and whether it arrives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.production import contribution, secrets
from lambdas.production.contribution import RTMP, RTMP_APP, RTP, SRT, source_name
from lambdas.production.destinations import destination_name, destination_port, waits_for_calls

ENCODED = "-c:v libx264 -preset veryfast -tune zerolatency -g 25 -b:v 6M -c:a aac -b:a 192k"
LIVE = "live"
ARRIVALS = {
    LIVE: "arriving",
    "hold": "lost: its last picture is held",
    "black": "not arriving",
    "slate": "not arriving",
}


@dataclass(frozen=True)
class LiveSource:
    """A live source of a production.

    Attributes:
        number: Its place in the document, from 1.
        source: As validateInput gives it.
        address: Where a person reaches the mixer machine.
        passphrase: Of an SRT source that listens, else empty.
        stream_key: Of an RTMP source, else empty.
    """

    number: int
    source: Mapping[str, Any]
    address: str
    passphrase: str = ""
    stream_key: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return source_name(self.number, self.source)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield what to type: into which program, and the line."""
        port = contribution.listening_port(self.number, self.source)
        if port is None:
            yield "called", f"the mixer machine calls {self.source['address']}:{self.source['port']}"
        elif self.source["kind"] == SRT:
            yield from self._srt(port)
        elif self.source["kind"] == RTMP:
            server = f"rtmp://{self.address}:{port}/{RTMP_APP}"
            yield "OBS", f"server {server}  stream key {self.stream_key}"
            yield "FFmpeg", f"ffmpeg -re -i INPUT {ENCODED} -f flv {server}/{self.stream_key}"
            yield "encoder", f"RTMP, URL {server}, stream key {self.stream_key}"
        elif "sdp" in self.source:
            yield (
                "encoder",
                f"RTP as the SDP describes it: every stream and its RTCP to {self.address}, port {port}",
            )
        else:
            url = f"rtp://{self.address}:{port}"
            yield "FFmpeg", f"ffmpeg -re -i INPUT {ENCODED} -f rtp_mpegts {url}"
            yield "encoder", f"MPEG-TS in RTP, address {self.address}, port {port}"

    def _srt(self, port: int) -> Iterator[tuple[str, str]]:
        latency = self.source["latencyMs"]
        # OBS and FFmpeg take microseconds, encoders milliseconds.
        url = (
            f"srt://{self.address}:{port}?mode=caller&latency={latency * 1000}"
            f"&passphrase={self.passphrase}&pbkeylen=16"
        )
        yield "OBS", f"server {url}  (no stream key)"
        yield "FFmpeg", f"ffmpeg -re -i INPUT {ENCODED} -f mpegts '{url}'"
        yield (
            "encoder",
            f"SRT caller, address {self.address}, port {port}, latency {latency} ms, AES-128, "
            f"passphrase {self.passphrase}, stream id: any",
        )


def receivers_lines(production: Mapping[str, Any], address: str, secret: str) -> Iterator[tuple[str, str]]:
    """Yield each destination that waits for receivers, and the line that they type.

    Args:
        production: As validateInput gives it.
        address: Where a person reaches the encoder machine.
        secret: The stack's secret.
    """
    for number, destination in enumerate(production["output"].get("destinations", []), start=1):
        if not waits_for_calls(destination):
            continue
        passphrase = secrets.destination_passphrase(secret, production["productionId"], number)
        port, latency = destination_port(number, destination), destination["latencyMs"]
        url = (
            f"srt://{address}:{port}?mode=caller&latency={latency * 1000}&passphrase={passphrase}&pbkeylen=16"
        )
        yield destination_name(number, destination), f"ffplay '{url}'"


def live_sources(production: Mapping[str, Any], address: str, secret: str) -> list[LiveSource]:
    """Return the sources of a production that come live.

    Args:
        production: As validateInput gives it.
        address: Where a person reaches the mixer machine.
        secret: The stack's secret.
    """
    found = []
    for number, source in enumerate(production["sources"], start=1):
        if source["kind"] not in (SRT, RTMP, RTP):
            continue
        of = (secret, production["productionId"], number)
        listens = source["kind"] == SRT and not contribution.is_caller(source)
        found.append(
            LiveSource(
                number,
                source,
                address,
                passphrase=secrets.source_passphrase(*of) if listens else "",
                stream_key=secrets.stream_key(*of) if source["kind"] == RTMP else "",
            )
        )
    return found


def arrival(state: Mapping[str, Any] | None) -> str:
    """Return whether a source arrives, in words.

    Args:
        state: What the last check of the production on air said of it; None before the first.
    """
    if state is None:
        return "not known before the production is on air"
    words = ARRIVALS.get(state["state"], state["state"])
    told = state["lastError"] if state["state"] != LIVE else None
    return f"{words} ({told})" if told else words
