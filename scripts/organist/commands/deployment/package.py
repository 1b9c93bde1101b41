"""`organist package`: the Lambda functions' zip, and what it weighs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from organist.deploy.package.lambda_dependencies import Architecture
from organist.deploy.package.lambda_package import LambdaPackage, build_package
from organist.repository import BUILD, REPOSITORY
from organist.terminal import open_console, say, show_table

ArchitectureOption = Annotated[
    Architecture, typer.Option(help="Processor architecture of the Lambda functions.")
]
BuildOption = Annotated[Path, typer.Option("--output", help="Folder to write the zip to.")]


def package(architecture: ArchitectureOption = Architecture.ARM64, output: BuildOption = BUILD) -> None:
    """Make the Lambda functions' zip and show what it weighs; `organist deploy` does this by itself."""
    made = build_package(REPOSITORY, output, architecture)
    console = open_console()
    show_table(console, contents_table(made))
    zipped = made.path.stat().st_size
    say(console, f"{made.path}: {zipped:,} bytes, {made.unzipped_bytes:,} unzipped")
    say(console, f"SHA-256 {made.sha256}")


def contents_table(made: LambdaPackage) -> Table:
    """Return the parts of a package, the heaviest first."""
    table = Table("part")
    table.add_column("bytes unzipped", justify="right")
    for part, size in sorted(made.sizes.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(part, f"{size:,}")
    return table
