"""The commands of `organist`."""

import typer

from organist.deploy_command import deploy
from organist.destroy_command import destroy
from organist.doctor_command import doctor
from organist.estimate_command import estimate
from organist.instances_command import instances
from organist.local_command import local
from organist.login_command import login
from organist.package_command import package
from organist.start_command import start
from organist.stop_command import stop
from organist.sweep_command import sweep
from organist.watch_command import watch

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def organist() -> None:
    """Media productions from one JSON document: a mixer, an encoder, on air for a while, nothing left."""


COMMANDS = (
    local,
    package,
    deploy,
    destroy,
    doctor,
    start,
    watch,
    stop,
    instances,
    login,
    sweep,
    estimate,
)
for command in COMMANDS:
    app.command()(command)
