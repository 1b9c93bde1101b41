"""A local cloud of the command's own, with one production on it or open to the aws command line."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from local_cloud.cloud import LocalCloud
from local_cloud.errors import LocalCloudError
from local_cloud.settings import LocalCloudSettings
from local_cloud.stale_runs import end_stale_runs, own_folder
from local_cloud.toolchain import (
    CHARTS_FOLDER,
    DYNAMORSE_FOLDER,
    NODE_RED_FOLDER,
    copy_packages,
    install_packages,
    is_installed,
)
from organist.command_errors import CommandError
from organist.exit_codes import BAD_INPUT, FAILURE, SUCCESS
from organist.local.grains.stored_grains import fill_bucket
from organist.local.kept_logs import keep_logs
from organist.local.local_modules import module_source_url, starts_dynamorse
from organist.local.local_production import run_production
from organist.local.pace import AT_ONCE, Pace
from organist.metrics.live import live_metrics, show_until_interrupted
from organist.metrics.no_metrics import NoMetrics
from organist.terminal import say

PRODUCTIONS = Path("build") / "productions"
MEDIA_BUCKET = "organist-media"  # stands where a deployment's --media-buckets would


class LocalSession:
    """What `organist local` does once its arguments are found good.

    Args:
        document: Named in the example of a command line.
        port: The endpoint's port, 0 for any.
        module_source: A folder or URL with dynamorse's modules, or "".
        sources: A folder that fills the media bucket.
        with_metrics: Has the machines send what they say of themselves here.
        pace: How long what Amazon does takes, and how fast it may be called.
        secrets: What Secrets Manager has beside the stack's own, by name.
    """

    def __init__(  # noqa: PLR0913 - one parameter an option
        self,
        console: Console,
        document: Path,
        port: int,
        module_source: str = "",
        *,
        sources: Path | None = None,
        with_metrics: bool = False,
        pace: Pace = AT_ONCE,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._console = console
        self._document = document
        self._port = port
        self._module_source = module_source
        self._sources = sources
        self._with_metrics = with_metrics
        self._pace = pace
        self._secrets = secrets or {}

    def serve(self, output: Path | None) -> int:
        """Serve the aws command line until Ctrl-C; return the exit code.

        Args:
            output: The folder for the logs, or None for one of this moment's name.
        """
        folder = output or PRODUCTIONS / _name()
        self._make_ready(with_dynamorse=bool(self._module_source))
        with self._metrics(folder) as metrics, self._local_cloud(metrics, folder) as cloud:
            # Whoever has read the address may press Ctrl-C at once: that is the end as it should be.
            with suppress(KeyboardInterrupt):
                self._say_endpoint(cloud)
                show_until_interrupted(metrics, self._console)
            for line in metrics.summary():
                self._say(line)
        return SUCCESS

    def produce(self, document: dict[str, Any], output: Path | None, *, keep: bool) -> int:
        """Run one production; return the exit code.

        Args:
            document: A valid document.
            output: The folder for pictures and logs, or None for one of the production's name.
            keep: Leaves the local cloud up afterwards, until Ctrl-C.
        """
        name = _name()
        folder = output or PRODUCTIONS / name
        self._make_ready(with_dynamorse=starts_dynamorse(document, self._module_source))
        with self._metrics(folder) as metrics, self._local_cloud(metrics, folder) as cloud:
            self._say_endpoint(cloud)
            outcome, clean = run_production(cloud, document, name, folder, self._console, metrics)
            if keep:
                say(self._console, "The local cloud stays until Ctrl-C.")
                show_until_interrupted(metrics, self._console)
        if outcome.nothing_started:
            return BAD_INPUT
        return SUCCESS if outcome.succeeded and clean else FAILURE

    def _make_ready(self, *, with_dynamorse: bool) -> None:
        copy_packages()
        self._install("Node-RED", NODE_RED_FOLDER)
        if with_dynamorse:
            self._install("Node-RED 1.3.7 and Node.js 12 for dynamorse", DYNAMORSE_FOLDER)
        if self._with_metrics:
            self._install("the charts of the metrics page", CHARTS_FOLDER)

    def _install(self, what: str, folder: Path) -> None:
        if is_installed(folder):
            return
        say(self._console, f"Installing {what} (once) …")
        try:
            install_packages(folder)
        except subprocess.CalledProcessError as error:
            raise CommandError(
                f"npm could not install {what} into {folder}, code {error.returncode}; "
                "it says why above. Nothing was started."
            ) from error

    @contextmanager
    def _metrics(self, folder: Path) -> Iterator[NoMetrics]:
        if not self._with_metrics:
            yield NoMetrics()
            return
        with live_metrics(folder, CHARTS_FOLDER) as metrics:
            metrics.begin(self._say)
            yield metrics

    def _say(self, text: str) -> None:
        say(self._console, text)

    @contextmanager
    def _local_cloud(self, metrics: NoMetrics, folder: Path) -> Iterator[LocalCloud]:
        try:
            yield from self._open(metrics, folder)
        except LocalCloudError as error:
            raise CommandError(f"The local cloud could not go on: {error}") from error

    def _open(self, metrics: NoMetrics, folder: Path) -> Iterator[LocalCloud]:
        for run in end_stale_runs():
            ended = f"{len(run.processes)} processes of it were ended"
            say(
                self._console,
                f"An earlier local cloud was killed; {ended}, and {run.folder} is removed.",
            )
        with own_folder() as data_dir, module_source_url(self._module_source) as url:
            parameters = {"ModuleSource": url, "MediaBuckets": MEDIA_BUCKET, **metrics.parameters}
            settings = self._pace.apply(
                LocalCloudSettings(
                    data_dir=data_dir,
                    port=self._port,
                    parameters=parameters,
                )
            )
            try:
                with LocalCloud(settings) as cloud:
                    where = {"LocationConstraint": cloud.region}
                    cloud.client("s3").create_bucket(Bucket=MEDIA_BUCKET, CreateBucketConfiguration=where)
                    if self._sources is not None:
                        fill_bucket(self._sources, cloud.client("s3"), MEDIA_BUCKET)
                    for name, value in self._secrets.items():
                        cloud.client("secretsmanager").create_secret(Name=name, SecretString=value)
                    yield cloud
            finally:
                if keep_logs(data_dir, folder / "logs"):
                    self._say(f"Logs                 {folder / 'logs'}")

    def _say_endpoint(self, cloud: LocalCloud) -> None:
        say(
            self._console,
            f"The local cloud is at {cloud.endpoint}. While it runs, this starts a production on it too:\n"
            "  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\\n"
            f"  aws --endpoint-url {cloud.endpoint} --region {cloud.region} \\\n"
            f"    stepfunctions start-execution --state-machine-arn {cloud.state_machine_arn} \\\n"
            f"    --input file://{self._document}\n",
        )


def _name() -> str:
    return f"local-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
