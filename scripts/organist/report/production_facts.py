"""What a person wants to know of a production while it runs and afterwards, gathered from its steps."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.modules.catalogue import Engine
from lambdas.production.destinations import destination_name
from lambdas.recording.publication import INDEX
from organist.report.history import Step, StepChange


@dataclass
class ProductionFacts:
    """Gathered facts; ``add`` takes the steps in their order."""

    started_at: datetime
    machines: list[dict[str, Any]] = field(default_factory=list)
    on_air_at: datetime | None = None
    off_air_at: datetime | None = None
    chains: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    production: dict[str, Any] = field(default_factory=dict)
    recording: dict[str, Any] = field(default_factory=dict)

    def add(self, step: Step) -> None:
        """Take one step into account."""
        if step.state == "ValidateInput" and step.change is StepChange.LEFT:
            self.production = step.data.get("production", {})
            self.warnings = self.production.get("warnings", [])
            self.recording = self.production.get("recording", {})
        elif step.succeeded("CompleteRecording"):
            self.recording = step.data.get("production", {}).get("recording", self.recording)
        elif step.state == "Launch" and step.change is StepChange.LEFT:
            self.machines = step.data.get("machines", [])
        elif step.state in ("TearDown", "ExplainFailure") and step.change is StepChange.ENTERED:
            self.off_air_at = self.off_air_at or step.at
        # A state whose error was caught is left too: one that failed to go on air has nothing on air.
        if (
            step.change is StepChange.LEFT
            and step.state in ("GoOnAir", "CheckOnAir")
            and "onAir" in step.data
        ):
            self.on_air_at = self.on_air_at or step.at
            self.chains = {chain["chain"]: chain for chain in step.data["onAir"]["chains"]}

    def end(self, ended_at: datetime) -> None:
        """Take the end of the execution into account: one that was aborted on air had no teardown."""
        self.off_air_at = self.off_air_at or ended_at

    @property
    def seconds_to_on_air(self) -> float | None:
        """Seconds from the start of the execution to the first pictures of every chain."""
        return (self.on_air_at - self.started_at).total_seconds() if self.on_air_at else None

    @property
    def seconds_on_air(self) -> float:
        """Seconds from the first pictures to the teardown; 0 if there never were any."""
        if self.on_air_at is None or self.off_air_at is None:
            return 0.0
        return (self.off_air_at - self.on_air_at).total_seconds()

    @property
    def unrecorded_frames(self) -> int:
        """Frames that were mixed and not encoded, so not recorded either, as of the last check on air.

        They are those before the encoder machine opened the link, those lost on it, and the few under way.
        """
        mixed, encoded = self.chains.get("mixer", {}), self.chains.get("encoder", {})
        return max(0, (mixed.get("frames") or 0) - (encoded.get("frames") or 0))

    @property
    def source_states(self) -> dict[str, dict[str, Any]]:
        """The mixer's sources by their names, as of the last check on air."""
        return {source["name"]: source for source in self.chains.get("mixer", {}).get("sources", [])}

    @property
    def destination_states(self) -> list[dict[str, Any]]:
        """The programme's destinations, in the document's order, as of the last check on air."""
        known = {one["name"]: one for one in self.chains.get("encoder", {}).get("outputs", [])}
        asked = self.production.get("output", {}).get("destinations", [])
        names = [destination_name(number, one) for number, one in enumerate(asked, start=1)]
        return [known[name] for name in names if name in known]

    @property
    def zones(self) -> dict[str, str]:
        """The Availability Zone of each machine by its role, where they do not share one; else empty."""
        zones = {one["role"]: one["availabilityZone"] for one in self.machines if "availabilityZone" in one}
        return zones if len(set(zones.values())) > 1 else {}

    @property
    def can_be_watched(self) -> bool:
        """Whether the encoder machine has a page with the pictures, as the media engine's has."""
        return all(machine["engine"] == Engine.MEDIA for machine in self.machines)

    @property
    def watched_by_all(self) -> str:
        """Where what it publishes can be watched: a URL, else a place in S3; empty for nowhere."""
        publication = self.production.get("recording", {}).get("publication", "")
        return str(self.production.get("watchUrl") or (publication and f"{publication}/{INDEX}"))

    def address(self, role: str) -> str | None:
        """Return the private address of the machine with a role, once it is launched."""
        return next(
            (machine.get("privateAddress") for machine in self.machines if machine["role"] == role), None
        )
