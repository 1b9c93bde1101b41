"""What a production is, from validateInput on: the one shape that the state machine carries."""

import hashlib
from datetime import timedelta
from typing import NotRequired, TypedDict

from lambdas.aws.placements import Placement
from lambdas.recording.completion import RecordedFile
from lambdas.recording.publication import Published

SETUP_ALLOWANCE = timedelta(minutes=15)  # from the start of the execution to on air, at the very longest
TEARDOWN_GRACE = timedelta(minutes=5)  # from the end of the time on air until nothing is left

MIXER = "mixer"
ENCODER = "encoder"


class Ownership(TypedDict):
    """Whose a machine is, and where its production is recorded, "" for nowhere: the machine's tags."""

    productionId: str
    executionArn: str
    expiresAt: str
    recording: str
    sourceRecordings: str
    publication: str


class Machine(TypedDict):
    """A machine as the state machine carries it; the addresses are there once it is launched.

    ``placements`` and ``volumeGiB`` are for its launch; ``task`` gets the ARNs of its Node-RED task.
    """

    role: str
    instanceName: str
    instanceType: str | list[str]
    modules: list[str | dict[str, str]]
    engine: str
    lifetimeMinutes: int
    production: Ownership
    placements: list[Placement]
    volumeGiB: int
    task: dict[str, str]
    instanceId: NotRequired[str]
    clusterName: NotRequired[str]
    privateAddress: NotRequired[str]


class OnLoss(TypedDict):
    """What is shown of a source that is lost: its last picture for so long (ms), or another source."""

    holdMs: int
    detect: NotRequired[list[str]]
    failoverTo: NotRequired[int]


class Source(TypedDict):
    """One of the pictures to mix, as the input's schema describes it."""

    kind: str
    name: NotRequired[str]
    coding: NotRequired[str]
    pattern: NotRequired[str]
    colour: NotRequired[str]
    location: NotRequired[str]
    versionId: NotRequired[str]
    mode: NotRequired[str]
    address: NotRequired[str]
    port: NotRequired[int]
    latencyMs: NotRequired[int]
    streamId: NotRequired[str]
    passphraseSecret: NotRequired[str]
    sdp: NotRequired[str]
    crop: NotRequired[bool]
    soundTrack: NotRequired[int]
    onLoss: NotRequired[OnLoss]


class Fade(TypedDict):
    """A move of the fader: when it starts, to where, how long it takes."""

    atSeconds: float
    fader: float
    seconds: float


class Mix(TypedDict):
    """The production's picture format, its fader and its link (bit/s, ms)."""

    width: int
    height: int
    frameRate: float
    slate: NotRequired[str]
    fader: float
    fades: list[Fade]
    linkBitRate: int
    linkLatency: int


class Rendition(TypedDict):
    """A smaller picture of the programme (pixels, bit/s)."""

    width: NotRequired[int]
    height: int
    bitRate: int


class Encode(TypedDict):
    """How the programme is encoded (bit/s, frames)."""

    codec: str
    bitRate: int
    gopFrames: int
    preset: str
    soundBitRate: int
    renditions: list[Rendition]


class Destination(TypedDict):
    """Where else the programme goes, as the input's schema describes it."""

    kind: str
    name: NotRequired[str]
    url: NotRequired[str]
    keySecret: NotRequired[str]
    mode: NotRequired[str]
    address: NotRequired[str]
    port: NotRequired[int]
    latencyMs: NotRequired[int]
    streamId: NotRequired[str]
    passphraseSecret: NotRequired[str]


class Output(TypedDict):
    """What the production makes; ``location``, ``record`` and ``publish`` are in S3."""

    title: str
    fileName: str
    segmentSeconds: int
    location: NotRequired[str]
    record: NotRequired[str]
    recordSources: NotRequired[bool | list[str]]
    publish: NotRequired[str]
    destinations: NotRequired[list[Destination]]


class Recording(TypedDict):
    """Where in S3 the production goes, empty for nowhere; at the end what there is."""

    location: str
    sources: str
    publication: str
    productionId: str
    manifest: NotRequired[str]
    files: NotRequired[list[RecordedFile]]
    sourceFiles: NotRequired[list[RecordedFile]]
    published: NotRequired[Published | None]


class Production(TypedDict):
    """The normalised production: every default filled in, every name known before the first call.

    ``warnings`` say what may go wrong with it, for the person who started it. ``watchUrl`` is where what it
    publishes can be watched, empty where the deployment does not know.
    """

    productionId: str
    executionArn: str
    executionName: str
    startedAt: str
    engine: str
    runSeconds: int
    checkSeconds: int
    expiresAt: str
    region: str
    machines: list[Machine]
    sources: list[Source]
    mix: Mix
    encode: Encode
    output: Output
    recording: Recording
    watchUrl: str
    warnings: list[str]


def short_id(execution_arn: str) -> str:
    """Return the production's id, eight hexadecimal digits that only depend on the execution's ARN."""
    return hashlib.sha256(execution_arn.encode()).hexdigest()[:8]


def lifetime(run_seconds: int) -> timedelta:
    """Return how long a machine may live, from the execution's start: set-up, time on air, teardown."""
    return SETUP_ALLOWANCE + timedelta(seconds=run_seconds) + TEARDOWN_GRACE
