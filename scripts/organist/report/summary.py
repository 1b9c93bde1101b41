"""The end of a production in words: time to on air, what was made, what was started and what is left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organist.report.production_facts import ProductionFacts
from organist.report.recordings import publication_lines, recording_lines


@dataclass(frozen=True)
class ExecutionOutcome:
    """How the execution ended: Step Functions' status, and the error and the cause of a failed one."""

    status: str
    error: str = ""
    cause: str = ""

    @property
    def succeeded(self) -> bool:
        """Return whether the production went as it should."""
        return self.status == "SUCCEEDED"

    @property
    def nothing_started(self) -> bool:
        """Return whether the input was refused in the first state: a person mends it and starts again."""
        return self.error in ("InvalidInput", "ModuleNotAvailable")


@dataclass(frozen=True)
class Remainder:
    """How many things of one kind a production started, and how many of them are left."""

    started: int
    left: int


def verdict(outcome: ExecutionOutcome) -> str:
    """Return how a production ended, with the error and its cause: what is said before anything else."""
    lines = [f"The production {outcome.status}."]
    if not outcome.succeeded:
        lines += [f"  {outcome.error}", *(f"    {line}" for line in outcome.cause.splitlines())]
    return "\n".join(lines)


def summarise(
    facts: ProductionFacts,
    counts: Mapping[str, Remainder],
    files: Sequence[Path],
    cost: str = "",
    metrics: Sequence[str] = (),
) -> str:
    """Return what follows the verdict as text, a line a fact.

    Args:
        facts: What the history shows.
        counts: What remains, by kind.
        files: What was recorded.
        cost: What the production used in words; "" leaves the line out.
        metrics: What the kept metrics say, a line for each fact.
    """
    lines: list[str] = []
    if facts.seconds_to_on_air is not None:
        lines.append(f"Time to on air       {facts.seconds_to_on_air:.1f} s")
        lines.append(f"On air               {facts.seconds_on_air:.1f} s")
    mixed, encoded = facts.chains.get("mixer", {}), facts.chains.get("encoder", {})
    if encoded.get("frames") is not None:
        dropped = (mixed.get("droppedFrames") or 0) + (encoded.get("droppedFrames") or 0)
        made = f"{mixed.get('frames', 0)} mixed, {encoded['frames']} recorded"
        lost = f"{facts.unrecorded_frames} mixed and not recorded, {dropped} dropped"
        lines.append(f"Frames               {made}; {lost}")
    else:  # dynamorse has a chain an output
        lines += [f"Frames               {_output(chain)}" for chain in facts.chains.values()]
    lines += _loudness_and_link(encoded)
    lines += [f"Source               {_source(source)}" for source in facts.source_states.values()]
    lines += [f"Destination          {_destination(one)}" for one in facts.destination_states]
    if facts.zones:
        zones = ", ".join(f"{role} in {zone}" for role, zone in facts.zones.items())
        lines.append(f"Zones                {zones}: traffic between zones costs and delays")
    lines += [f"Warning              {warning}" for warning in facts.warnings]
    lines += [f"{_heading(kind):<21}{_counted(count)}" for kind, count in counts.items()]
    if cost:
        lines.append(f"Cost in AWS          {cost}")
    lines += [f"Metrics              {line}" for line in metrics]
    lines += [f"Recording            {line}" for line in recording_lines(facts.recording)]
    lines += [
        f"On the web           {line}" for line in publication_lines(facts.watched_by_all, facts.recording)
    ]
    lines += [f"Pictures             {path}" for path in files]
    return "\n".join(lines)


def _loudness_and_link(encoded: Mapping[str, Any]) -> Iterator[str]:
    loudness, peak = encoded.get("integratedLufs"), encoded.get("truePeakDbtp")
    if loudness is not None and peak is not None:
        yield f"Loudness             {loudness:.1f} LUFS integrated, true peak {peak:.1f} dBTP"
    if encoded.get("linkLostPackets") is not None:
        latency = encoded.get("linkLatencyMs")
        took = "latency not known" if latency is None else f"{latency:.0f} ms from picture to picture"
        lost, again = encoded["linkLostPackets"], encoded.get("linkReconnects") or 0
        yield f"Link                 {took}; packets lost: {lost}, reconnects: {again}"


def _output(chain: Mapping[str, Any]) -> str:
    rate = f"{chain['frameRate']} in its last second" if chain.get("frameRate") is not None else "no rate"
    return f"{chain['chain']}: {chain.get('frames') or 0}, {rate}"


def _source(source: Mapping[str, Any]) -> str:
    absent, repeated = source.get("absentFrames") or 0, source.get("repeatedFrames") or 0
    known = f"{source['name']}: {source['state']}, {absent} frames absent, {repeated} repeated"
    return f"{known}; {source['lastError']}" if source.get("lastError") else known


def _destination(output: Mapping[str, Any]) -> str:
    missed = (output.get("missedBytes") or 0) / 1e6
    known = (
        f"{output['name']}: {output['state']}, {output.get('restarts') or 0} restarts, {missed:.1f} MB missed"
    )
    return f"{known}; {output['lastError']}" if output.get("lastError") else known


def nothing_left(counts: Mapping[str, Remainder]) -> bool:
    """Return whether everything that was started is gone."""
    return all(count.left == 0 for count in counts.values())


def _heading(kind: str) -> str:
    return kind[:1].upper() + kind[1:]


def _counted(count: Remainder) -> str:
    left = f", {count.left} LEFT" if count.left else ""
    return f"{count.started} started, {count.started - count.left} removed{left}"
