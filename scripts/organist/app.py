"""The commands of `organist`."""

import typer

from organist.commands.deployment.bake import bake
from organist.commands.deployment.deploy import deploy
from organist.commands.deployment.destroy import destroy
from organist.commands.deployment.package import package
from organist.commands.doctor import doctor
from organist.commands.estimate import estimate
from organist.commands.grains import grains
from organist.commands.instances import instances
from organist.commands.local import local
from organist.commands.login import login
from organist.commands.sources import sources
from organist.commands.start import start
from organist.commands.stop import stop
from organist.commands.sweep import sweep
from organist.commands.watch import watch

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def organist() -> None:
    """Media productions from one JSON document: a mixer, an encoder, on air for a while, nothing left."""


COMMANDS = (
    local,
    package,
    deploy,
    bake,
    destroy,
    doctor,
    start,
    watch,
    stop,
    instances,
    login,
    sources,
    grains,
    sweep,
    estimate,
)
for command in COMMANDS:
    app.command()(command)
