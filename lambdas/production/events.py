"""What the functions take as their events, beside the production itself."""

from typing import Any, NotRequired, TypedDict

from lambdas.aws.placements import Placement
from lambdas.production.model import Ownership, Production


class TaskArns(TypedDict, total=False):
    """Where ECS has a machine's Node-RED; empty until it is started."""

    taskArn: str
    containerInstanceArn: str


class MachineEvent(TypedDict):
    """What the AWS functions of one machine take; alone, from the console, the name (and type) is enough."""

    instanceName: str
    instanceType: NotRequired[str | list[str]]
    instanceId: NotRequired[str]
    launchedAt: NotRequired[str]
    modules: NotRequired[list[str | dict[str, str]]]
    engine: NotRequired[str]
    production: NotRequired[Ownership]
    lifetimeMinutes: NotRequired[int]
    placements: NotRequired[list[Placement]]
    volumeGiB: NotRequired[int]
    task: NotRequired[TaskArns]
    since: NotRequired[str]


class NodeRedMachine(TypedDict):
    """A machine as the functions reach it that talk to its Node-RED."""

    instanceName: str
    privateAddress: str


class EncodeEvent(TypedDict):
    """What makeAnEncode takes: the production, and the mixer machine's private address."""

    production: Production
    mixerAddress: str


class SourceState(TypedDict):
    """What is shown of a chain's source: live, hold, black or slate; and what was wrong with it last.

    ``repeatedFrames`` were shown twice for its clock's sake, on ``absentFrames`` something else was shown.
    """

    name: str
    state: str
    lastError: str | None
    repeatedFrames: int
    absentFrames: int


class OutputState(TypedDict):
    """What is shown of a chain's output: sending, waiting, full or behind; and what was wrong with it last.

    ``missedBytes`` of the programme it did not get, because it was slow or away.
    """

    name: str
    state: str
    lastError: str | None
    restarts: int
    missedBytes: int


class Chain(TypedDict, total=False):
    """One media chain's state and statistics; the keys are those of the media nodes' own report.

    dynamorse's chains, one an output, have ``frames`` and ``frameRate`` only, by what their nodes tell its
    logger. The link's are known where it ends, at the encoder machine; loudness (EBU R 128) and true peak
    are the programme's since its engine began.
    """

    instanceName: str
    chain: str
    state: str
    lastError: str | None
    faults: list[str]
    sources: list[SourceState]
    outputs: list[OutputState]
    frames: int | None
    frameRate: float | None
    bitRate: float | None
    droppedFrames: int | None
    duplicatedFrames: int | None
    speed: float | None
    restarts: int | None
    linkLatencyMs: float | None
    linkLostPackets: int | None
    linkReconnects: int | None
    integratedLufs: float | None
    truePeakDbtp: float | None


class OnAir(TypedDict):
    """What checkProduction answers: since when on air, how long still (s), and each chain."""

    since: str
    elapsedSeconds: float
    remainingSeconds: int
    waitSeconds: int
    chains: list[Chain]


class CheckEvent(TypedDict):
    """What checkProduction takes; ``onAir`` is its answer before this one."""

    machines: list[NodeRedMachine]
    production: NotRequired[Production]
    onAir: NotRequired[OnAir]


class Upstream(TypedDict, total=False):
    """What has to be open before a flow is deployed; empty if nothing has to."""

    address: str
    port: int


class DeployEvent(NodeRedMachine):
    """What deployNodeREDModule takes: the flow as makeAMix or makeAnEncode answers it."""

    flow: dict[str, Any]
    upstream: NotRequired[Upstream]
    production: NotRequired[Ownership]


class InstallEvent(NodeRedMachine):
    """What installNodeREDModule takes; without ``url`` the module is npm's, or the deployment's own."""

    moduleName: str
    version: NotRequired[str]
    url: NotRequired[str]
