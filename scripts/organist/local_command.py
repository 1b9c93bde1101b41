"""`organist local`: a whole production on one machine, without an AWS account."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local_cloud.cloud import LocalCloud
from local_cloud.settings import LocalCloudSettings
from organist.input_file import read_input
from organist.local_production import run_production

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "step_functions" / "mediaInput.json"
PRODUCTIONS = Path("build") / "productions"

SUCCESS, FAILURE, INTERRUPTED = 0, 1, 130
BAD_INPUT = 2


DocumentArgument = Annotated[
    Path,
    typer.Argument(metavar="INPUT.json", help="What to produce; an example if left out."),
]
SecondsOption = Annotated[int | None, typer.Option(help="Time on air in s, in place of the document's.")]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Keep the local cloud after the production, until Ctrl-C.")
]
EndpointOption = Annotated[
    bool, typer.Option("--endpoint", help="Start no production: serve the aws command line until Ctrl-C.")
]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="The endpoint's port; 0 takes any free one.")]
OutputOption = Annotated[
    Path | None, typer.Option(help="Folder for the pictures; build/productions/NAME if left out.")
]


def local(
    document: DocumentArgument = EXAMPLE,
    seconds: SecondsOption = None,
    keep: KeepOption = False,
    endpoint: EndpointOption = False,
    port: PortOption = 0,
    output: OutputOption = None,
) -> None:
    """Run a whole production on this machine: real Node-RED, real video, no AWS account."""
    console = Console()
    checked = None if endpoint else read_input(document, seconds)
    name = f"local-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    with _local_cloud(port) as cloud:
        _say_endpoint(console, cloud, document)
        if checked is None:
            _wait_for_interrupt()
        target = output or PRODUCTIONS / name
        try:
            outcome, clean = run_production(cloud, checked or {}, name, target, console)
        except KeyboardInterrupt:
            console.print("Stopped. Everything is being ended.")
            raise typer.Exit(INTERRUPTED) from None
        if keep:
            _wait_for_interrupt()
    if outcome.error == "InvalidInput":
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(SUCCESS if outcome.succeeded and clean else FAILURE)


@contextmanager
def _local_cloud(port: int) -> Iterator[LocalCloud]:
    data_dir = Path(tempfile.mkdtemp(prefix="organist-"))
    try:
        with LocalCloud(LocalCloudSettings(data_dir=data_dir, port=port)) as cloud:
            yield cloud
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def _say_endpoint(console: Console, cloud: LocalCloud, document: Path) -> None:
    console.print(
        f"The local cloud is at {cloud.endpoint}. While it runs, this starts a production on it too:\n"
        "  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\\n"
        f"  aws --endpoint-url {cloud.endpoint} --region {cloud.region} stepfunctions start-execution \\\n"
        f"    --state-machine-arn {cloud.state_machine_arn} --input file://{document}\n",
        highlight=False,
        soft_wrap=True,
    )


def _wait_for_interrupt() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        raise typer.Exit(SUCCESS) from None
