"""The floor: two Node-REDs made mixer and encoder by somebody who never waits longer than needed.

What is left is what Node-RED and FFmpeg themselves take: no state machine, no container service, no processes
of functions. The same code installs, deploys and polls, each step as soon as it can succeed.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from lambdas.check_production import check_production
from lambdas.deploy_node_red_module import deploy
from lambdas.engines.flow_template import Flow
from lambdas.engines.media_flows import encode_flow, mix_flow
from lambdas.install_node_red_module import install_module
from lambdas.modules.catalogue import Engine, modules_to_install
from lambdas.node_red.client import NodeRed
from lambdas.node_red.errors import NodeREDUnreachable, NotOnAirYet
from lambdas.production.credentials import node_credentials
from lambdas.production.model import ENCODER, MIXER, Production
from lambdas.production.secrets import node_red_token, operator_password, sha256
from local_cloud import toolchain
from local_cloud.ec2.addresses import Addresses
from local_cloud.ecs.images import ContainerHost, container_environment, node_red
from local_cloud.processes import start_group
from local_cloud.watchdog import Watchdog
from tests.benchmarks.parts import FLOWS, NODE_RED, PICTURES

if TYPE_CHECKING:
    from lambdas.production.events import CheckEvent, InstallEvent, NodeRedMachine

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 120.0
SECRET = "benchmark"
MODULES = modules_to_install([], Engine.MEDIA)


@dataclass(frozen=True)
class Floor:
    """One production by hand: seconds of each part, bytes of each role's Node-RED just started and on air."""

    parts: dict[str, float]
    idle_bytes: dict[str, int]
    on_air_bytes: dict[str, int]


def run_by_hand(production: Production, folder: Path) -> Floor:
    """Bring a production on air and end it.

    Args:
        production: As validateInput gives it.
        folder: An empty one for all that is written.
    """
    with on_air(production, folder) as pair:
        idle = {machine.machine.name: machine.idle_bytes for machine in pair.machines}
        resident = {machine.machine.name: machine.resident_bytes() for machine in pair.machines}
        return Floor(pair.parts, idle, resident)


@contextmanager
def on_air(production: Production, folder: Path) -> Iterator["Pair"]:
    """Keep a production on air until the context is left.

    Args:
        production: As validateInput gives it.
        folder: An empty one for all that is written.
    """
    toolchain.link_node(folder / "bin")
    with ExitStack() as ends:
        watchdog, addresses = Watchdog(), Addresses()
        ends.callback(watchdog.close)
        ends.callback(addresses.release_all)
        mixer, encoder = (
            ByHand(ContainerHost(role, addresses.claim(), folder / role, folder / "bin"))
            for role in (MIXER, ENCODER)
        )
        flows = (mix_flow(production), encode_flow(production, mixer.machine.address))
        begin = time.monotonic()
        with ThreadPoolExecutor() as both:
            for machine in (mixer, encoder):
                ends.enter_context(machine.running(watchdog))
            list(both.map(ByHand.set_up, (mixer, encoder), flows))
        pair = Pair((mixer, encoder))
        set_up = time.monotonic()
        _when_ready(pair.delivered)
        answered = max(machine.answered_at for machine in (mixer, encoder))
        pair.parts = {
            NODE_RED: answered - begin,
            FLOWS: set_up - answered,
            PICTURES: time.monotonic() - set_up,
        }
        yield pair


@dataclass
class Pair:
    """Mixer and encoder; the seconds of each part until they were on air."""

    machines: tuple["ByHand", "ByHand"]
    parts: dict[str, float] = field(default_factory=dict)

    def delivered(self) -> dict[str, int]:
        """Return the frames that each role's chain has delivered, as checkProduction sees them.

        Raises:
            NotOnAirYet: A chain has delivered none.
        """
        events = {machine.event["instanceName"]: machine for machine in self.machines}
        asked: CheckEvent = {"machines": [machine.event for machine in self.machines]}
        seen = check_production(asked, lambda event: events[event["instanceName"]].client, _now())
        return {chain["chain"]: chain["frames"] or 0 for chain in seen["chains"]}


class ByHand:
    """One machine's Node-RED."""

    def __init__(self, machine: ContainerHost) -> None:
        """Take the machine to start it on."""
        self.machine = machine
        self.client = NodeRed(machine.address, node_red_token(SECRET, machine.name))
        self.event: NodeRedMachine = {"instanceName": machine.name, "privateAddress": machine.address}
        self.idle_bytes = 0
        self.answered_at = 0.0
        self._process = 0

    @contextmanager
    def running(self, watchdog: Watchdog) -> Iterator[None]:
        """Run Node-RED as the local cloud would, until the context is left."""
        image = node_red(self.machine)
        self.machine.data.mkdir(parents=True)
        secrets = {
            "NODE_RED_TOKEN_SHA256": sha256(node_red_token(SECRET, self.machine.name)),
            "NODE_RED_PASSWORD_SHA256": sha256(operator_password(SECRET, self.machine.name)),
            "NODE_RED_ALLOW_MODULES": ",".join(module.name for module in MODULES),
            "INSTANCE_NAME": self.machine.name,
        }
        group = start_group(
            image.entry_point,
            watchdog=watchdog,
            environment=container_environment(self.machine, secrets, image.environment),
            directory=self.machine.data,
            log_file=self.machine.folder / "log",
        )
        self._process = group.group
        try:
            yield
        finally:
            group.stop(5)

    def set_up(self, flow: Flow) -> None:
        """Install the media nodes and deploy the flow as soon as Node-RED answers."""
        _when_ready(self.client.node_types)
        self.idle_bytes = self.resident_bytes()
        for module in MODULES:
            event: InstallEvent = {
                "instanceName": self.event["instanceName"],
                "privateAddress": self.event["privateAddress"],
                "moduleName": module.name,
            }
            install_module(event, self.client)
        self.answered_at = time.monotonic()
        deploy(self.machine.name, flow, partial(node_credentials, SECRET, ""), self.client)

    @property
    def processes(self) -> list[int]:
        """The supervisor, Node-RED, the engines and the FFmpegs that they run."""
        supervisor = psutil.Process(self._process)
        return [self._process, *(child.pid for child in supervisor.children(recursive=True))]

    def resident_bytes(self) -> int:
        """Return Node-RED's resident memory: not its supervisor's, nor that of engines."""
        (node_red,) = [
            child
            for child in psutil.Process(self._process).children()
            if child.name() == "node-red" or any(word.endswith("red.js") for word in child.cmdline())
        ]
        return int(node_red.memory_info().rss)


def _when_ready(step: Callable[[], object]) -> None:
    polling = Retrying(
        retry=retry_if_exception_type((NodeREDUnreachable, NotOnAirYet)),
        stop=stop_after_delay(DEADLINE_SECONDS),
        wait=wait_fixed(POLL_SECONDS),
        reraise=True,
    )
    polling(step)


def _now() -> datetime:
    return datetime.now(UTC)
