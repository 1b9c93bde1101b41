"""What a production is expected to use on AWS, from its document alone."""

from typing import Any

from lambdas.aws.placements import wanted_types
from lambdas.engines.production_plan import MACHINES, make_production
from lambdas.modules.catalogue import Engine, choose_engine, modules_to_install
from lambdas.production.source_recordings import recorded_sources
from organist.report.cost_model import MachineUse, PublicationUse, RecordingUse, Use
from organist.report.transitions import expect_counts

# From RunInstances to on air, and from off air to terminated: what published figures for a boot (26 s), for
# joining ECS (40 s) and the image's pull add up to. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/
SETUP_SECONDS = 120
TEARDOWN_SECONDS = 60
NOWHERE = {"id": "estimate", "name": "estimate", "startTime": "2000-01-01T00:00:00Z"}


def expected_use(document: dict[str, Any]) -> Use:
    """Return what a valid document's production is expected to use: its time on air, and that around it."""
    production = make_production(document, NOWHERE)
    modules = []
    for key in MACHINES.values():
        asked = document[key].get("modules", [])
        modules.append(len(modules_to_install(asked, Engine(document.get("engine") or choose_engine(asked)))))
    kept = production["recording"]
    recorded, published = bool(kept["location"]), bool(kept["publication"])
    completes = recorded or published
    counts = expect_counts(modules, production["runSeconds"], recorded=completes)
    seconds = SETUP_SECONDS + production["runSeconds"] + TEARDOWN_SECONDS
    machines = [
        MachineUse(wanted_types(machine["instanceType"])[0], seconds, machine["volumeGiB"])
        for machine in production["machines"]
    ]
    bytes_a_second = (production["encode"]["bitRate"] + production["encode"]["soundBitRate"]) / 8
    run_seconds = production["runSeconds"]
    count = 1 + len(recorded_sources(production))
    recording = RecordingUse(run_seconds, bytes_a_second * run_seconds * count, count) if recorded else None
    segment = production["output"]["segmentSeconds"]
    encode = production["encode"]
    beside = [(one["bitRate"] + encode["soundBitRate"]) / 8 for one in encode["renditions"]]
    renditions = (bytes_a_second, *beside)
    publication = PublicationUse(run_seconds, segment, renditions) if published else None
    return Use(machines, counts.transitions, counts.calls, recording, publication)
