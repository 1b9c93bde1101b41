"""`organist estimate`: what a production will cost, before it is started."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from lambdas.aws.placements import wanted_types
from lambdas.modules.catalogue import Engine, choose_engine, modules_to_install
from lambdas.production.machine_fit import known_types
from lambdas.validate_input import MACHINES, make_production
from organist.input_file import read_input, size_warnings
from organist.report.cost_model import CostLine, MachineUse, Use, cost_lines, price_table, total
from organist.report.transitions import expect_counts
from organist.terminal import open_console, say

# From RunInstances to on air, and from off air to terminated: what published figures for a boot (26 s), for
# joining ECS (40 s) and the image's pull add up to. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/
SETUP_SECONDS = 120
TEARDOWN_SECONDS = 60
NOWHERE = {"id": "estimate", "name": "estimate", "startTime": "2000-01-01T00:00:00Z"}

DocumentArgument = Annotated[Path, typer.Argument(metavar="INPUT.json", help="What to produce.")]
RegionOption = Annotated[str | None, typer.Option(help="AWS region that it will run in.")]


def estimate(document: DocumentArgument, region: RegionOption = None) -> None:
    """Print what a production will cost, from the price table scripts/organist/report/prices.json."""
    checked = read_input(document)
    warnings = size_warnings(checked, known_types())
    lines = cost_lines(expected_use(checked))
    console = open_console()
    console.print(bill(lines))
    for warning in warnings:
        say(console, f"Warning: {warning}")
    prices = price_table()
    say(
        console,
        f"At {prices['region']}'s on-demand prices as scripts/organist/report/prices.json has them "
        f"({prices['date']}, not read from AWS's pages that day); the time to boot and the number of calls "
        "are assumed. Without tax, free tier, what the pictures' traffic to viewers costs "
        "(https://aws.amazon.com/ec2/pricing/on-demand/), and what the stack costs by itself.",
    )
    if region and region != prices["region"]:
        say(
            console,
            f"The table has no prices of {region}: they differ, mostly upwards. "
            f"{prices['instances']['source']} has them.",
        )


def expected_use(document: dict[str, Any]) -> Use:
    """Give what a valid document's production is expected to use."""
    production = make_production(document, NOWHERE)
    modules = []
    for key in MACHINES.values():
        asked = document[key].get("modules", [])
        modules.append(len(modules_to_install(asked, Engine(document.get("engine") or choose_engine(asked)))))
    counts = expect_counts(modules, production["runSeconds"], production["checkSeconds"])
    seconds = SETUP_SECONDS + production["runSeconds"] + TEARDOWN_SECONDS
    machines = [
        MachineUse(wanted_types(machine["instanceType"])[0], seconds, machine["volumeGiB"])
        for machine in production["machines"]
    ]
    return Use(machines, counts.transitions, counts.calls)


def bill(lines: list[CostLine]) -> Table:
    """Give a bill as a table with its sum."""
    table = Table("what", "how much")
    table.add_column("US dollars", justify="right")
    for line in lines:
        table.add_row(line.what, line.amount, f"{line.usd:.4f}")
    table.add_section()
    table.add_row("about", "", f"{total(lines):.3f}")
    return table
