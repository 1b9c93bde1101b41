"""`organist estimate`: what a production will cost, before it is started."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lambdas.production.machines.machine_fit import known_types
from organist.input_file import read_input, size_warnings
from organist.report.cost_model import CostLine, cost_lines, price_table, total, viewer_hour
from organist.report.expected_use import expected_use
from organist.terminal import open_console, say, show_table

DocumentArgument = Annotated[
    Path, typer.Argument(metavar="INPUT.json", help="The document that describes the production.")
]
RegionOption = Annotated[str | None, typer.Option(help="AWS region that the production will run in.")]


def estimate(document: DocumentArgument, region: RegionOption = None) -> None:
    """Print what a production will cost, from the price table scripts/organist/report/prices.json."""
    checked = read_input(document)
    warnings = size_warnings(checked, known_types())
    use = expected_use(checked)
    lines = cost_lines(use)
    console = open_console()
    show_table(console, bill(lines))
    for warning in warnings:
        say(console, f"Warning: {warning}")
    if use.publication:
        say(console, f"Each viewer costs about ${viewer_hour(use.publication):.3f} an hour, by CloudFront.")
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


def bill(lines: list[CostLine]) -> Table:
    """Return a bill as a table with its sum."""
    table = Table("what", "how much")
    table.add_column("US dollars", justify="right")
    for line in lines:
        table.add_row(line.what, line.amount, f"{line.usd:.4f}")
    table.add_section()
    table.add_row("about", "", f"{total(lines):.3f}")
    return table
