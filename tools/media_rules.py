"""Writes what the media nodes' properties may be into ``media-values.js``, from the input's schema and ports.

``make media-rules`` runs it. The media nodes are a package of their own, in Node-RED's editor too, where
nobody reads a file of this repository: so the rules stand there as text, and a test holds them to the schema.
"""

from typing import Any

from lambdas.production.contribution import GRAINS
from lambdas.production.input_schema import input_schema
from lambdas.production.secrets import PASSPHRASE
from lambdas.runtime import ports
from tools.json_text import json_text
from tools.page_tables import REPOSITORY

WRITTEN = REPOSITORY / "tasks" / "node-red" / "media-nodes" / "resources" / "media-values.js"
BEGIN, END = "  // The input's schema and the ports: begin\n", "  // The input's schema and the ports: end\n"
KEPT = (
    "type",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "enum",
    "default",
    "unit",
)
# Which property of the document becomes which of a node (lambdas/engines/media_flows.py).
PLACES = {
    ("mix", "width"): ("media-format", "width"),
    ("mix", "height"): ("media-format", "height"),
    ("mix", "frameRate"): ("media-format", "frameRate"),
    ("mix", "slate"): ("media-format", "slate"),
    ("mix", "fader"): ("media-mixer", "fader"),
    ("mix", "linkBitRate"): ("media-link-out", "bitRate"),
    ("mix", "linkLatency"): ("media-link-out", "latencyMs"),
    ("encode", "codec"): ("media-encoder", "codec"),
    ("encode", "bitRate"): ("media-encoder", "bitRate"),
    ("encode", "gopFrames"): ("media-encoder", "gopFrames"),
    ("encode", "preset"): ("media-encoder", "preset"),
    ("encode", "soundBitRate"): ("media-encoder", "soundBitRate"),
    ("output", "title"): ("media-hls-out", "title"),
    ("output", "segmentSeconds"): ("media-hls-out", "segmentSeconds"),
    ("output", "fileName"): ("media-file-out", "fileName"),
    ("output", "location"): ("media-file-out", "location"),
}
# Properties of a source that its node has by the same name, beside those of onLoss.
OF_A_SOURCE = (
    *("kind", "pattern", "colour", "versionId", "mode", "address", "latencyMs", "streamId"),
    *("passphraseSecret", "sdp"),
    *("crop", "soundTrack"),
)
# Properties of a destination that its node has by the same name.
OF_A_DESTINATION = (
    "kind",
    "url",
    "keySecret",
    "mode",
    "address",
    "latencyMs",
    "streamId",
    "passphraseSecret",
)


def rules() -> dict[str, dict[str, Any]]:
    """Return, by type of node and property, what a value may be and is at first, as JSON Schema says it."""
    schema = input_schema()
    found: dict[str, dict[str, Any]] = {}
    for (section, name), (node, place) in PLACES.items():
        found.setdefault(node, {})[place] = _kept(schema["properties"][section]["properties"][name])
    fade = schema["$defs"]["fade"]["properties"]
    fades = schema["properties"]["mix"]["properties"]["fades"]
    found["media-mixer"]["fades"] = {
        "type": "array",
        "maxItems": fades["maxItems"],
        "default": fades["default"],
        "fade": {name: _kept(described) for name, described in fade.items()},
    }
    renditions = schema["properties"]["encode"]["properties"]["renditions"]
    found["media-encoder"]["renditions"] = {
        "type": "array",
        "maxItems": renditions["maxItems"],
        "default": renditions["default"],
        "rendition": {
            name: _kept(described) for name, described in schema["$defs"]["rendition"]["properties"].items()
        },
    }
    found["media-source"] = _source(schema)
    found["media-destination"] = _destination(schema)
    found["media-link-out"]["port"] = _port(ports.LINK)
    found["media-link-in"] = {
        "address": found["media-source"]["address"],
        **{key: found["media-link-out"][key] for key in ("port", "latencyMs")},
    }
    # The production's own folder is below what the document says, so it is longer.
    publish = _kept(schema["properties"]["output"]["properties"]["publish"])
    found["media-hls-out"]["publish"] = {key: publish[key] for key in ("type", "pattern")}
    found["media-hls-out"]["port"] = _port(ports.PICTURES)
    found["media-hls-out"]["lowLatencyPort"] = _port(ports.LOW_LATENCY)
    return found


def with_rules(text: str) -> str:
    """Return the text of ``media-values.js`` with the rules as they are now.

    Raises:
        ValueError: The text has no place for them.
    """
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"{WRITTEN.name} has no lines {BEGIN.strip()} … {END.strip()}.")
    schema, passphrase = json_text(rules(), "  "), json_text(PASSPHRASE.pattern, "  ")
    written = f"  const schema = {schema}\n  const passphrasePattern = {passphrase}\n"
    return f"{before}{BEGIN}{written}{END}{after}"


def _destination(schema: dict[str, Any]) -> dict[str, Any]:
    described = schema["$defs"]["destination"]["properties"]
    known = {name: _kept(described[name]) for name in OF_A_DESTINATION}
    known["kind"]["default"] = known["kind"]["enum"][0]
    most = schema["properties"]["output"]["properties"]["destinations"]["maxItems"]
    known["number"] = {"type": "integer", "minimum": 1, "maximum": most, "default": 1}
    known["port"] = _port(ports.SRT_OUT[0])
    return known


def _source(schema: dict[str, Any]) -> dict[str, Any]:
    described = schema["$defs"]["source"]
    known = {name: _kept(described["properties"][name]) for name in OF_A_SOURCE}
    known["kind"]["enum"] = [kind for kind in known["kind"]["enum"] if kind != GRAINS]
    known["kind"]["default"] = known["kind"]["enum"][0]
    on_loss = described["properties"]["onLoss"]["properties"]
    known |= {name: _kept(on_loss[name]) for name in ("holdMs", "failoverTo")}
    known["detect"] = _kept(on_loss["detect"]) | {"enum": list(on_loss["detect"]["items"]["enum"])}
    known["port"] = _port(ports.SRT_IN[0])
    buses = {
        "type": "integer",
        "minimum": 1,
        "maximum": schema["properties"]["sources"]["maxItems"],
        "default": 1,
    }
    longest = described["properties"]["location"]["maxLength"]
    locations = {
        one["if"]["properties"]["kind"]["const"]: one["then"]["properties"]["location"]["pattern"]
        for one in described["allOf"]
        if "location" in one["then"]["properties"]
    }
    return {
        "bus": buses,
        **known,
        "location": {
            kind: {"type": "string", "maxLength": longest, "pattern": pattern}
            for kind, pattern in locations.items()
        },
    }


def _port(number: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": 65535, "default": number}


def _kept(described: dict[str, Any]) -> dict[str, Any]:
    kept = {key: described[key] for key in KEPT if described.get(key, "") != ""}
    return {key: list(value) if isinstance(value, list) else value for key, value in kept.items()}


if __name__ == "__main__":
    WRITTEN.write_text(with_rules(WRITTEN.read_text()))
