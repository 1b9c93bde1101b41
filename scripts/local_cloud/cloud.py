"""The local cloud, assembled from its parts."""

import functools
import json
import logging
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.production.secrets import operator_password, secret_value
from local_cloud import toolchain
from local_cloud.ec2.addresses import check_machine_ports
from local_cloud.ec2.default_network import open_default_network
from local_cloud.ec2.fleet import Fleet
from local_cloud.ec2.host import HostTimes
from local_cloud.ecs.cluster_state import ClusterState
from local_cloud.ecs.image_pulls import ImagePulls
from local_cloud.ecs.service import ContainerService
from local_cloud.ecs.task_run import Runtime
from local_cloud.errors import AlreadyRunningError, NotRunningError
from local_cloud.events.bus import EventBus
from local_cloud.events.status_changes import publish
from local_cloud.iam.authorizer import Authorizer
from local_cloud.lambda_runtime.fork_server import ForkServer
from local_cloud.lambda_runtime.idleness import Idleness
from local_cloud.lambda_runtime.pool import WorkerPool
from local_cloud.lambda_runtime.specification import Surroundings
from local_cloud.logs.account_logs import AccountLogs
from local_cloud.moto_patches import authorization, ecs, server, throttling
from local_cloud.moto_patches.awslambda import function_states, functions, invocations
from local_cloud.moto_patches.ec2 import Ec2Adapter
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.moto_patches.stepfunctions import executions
from local_cloud.provisioning.provision import STACK_NAME, provision
from local_cloud.resource_tracker import ResourceCount, ResourceTracker
from local_cloud.settings import ACCESS_KEY, ACCOUNT, REGION, LocalCloudSettings
from local_cloud.watchdog import Watchdog

_log = logging.getLogger(__name__)
_one_a_process = threading.Lock()


class LocalCloud:
    """An AWS account on this computer, while it is entered as a context manager.

    Leaving it, in whatever way, ends every process that it started; should this process be killed, its
    watchdog does. What was written stays in ``settings.data_dir``.
    """

    bus: EventBus
    """The account's event bus, while the cloud is entered."""
    region = REGION
    account = ACCOUNT

    def __init__(self, settings: LocalCloudSettings) -> None:
        self.settings = settings
        self.endpoint = ""
        self.state_machine_arn = ""
        self._resources = ResourceTracker()
        self._fleet: Fleet | None = None
        self._session: boto3.Session | None = None
        self._clients: dict[str, Any] = {}
        self._clients_lock = threading.Lock()
        self._ends = ExitStack()

    def __enter__(self) -> "LocalCloud":
        if not _one_a_process.acquire(blocking=False):
            raise AlreadyRunningError("This process runs a local cloud already; leave that one first.")
        with ExitStack() as ends:
            ends.callback(_one_a_process.release)
            self._start(ends)
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()

    def client(self, service: str) -> Any:
        """A boto3 client of this account, one a service; ``NotRunningError`` outside of the context."""
        if self._session is None:
            raise NotRunningError("Enter the local cloud first: with LocalCloud(settings) as cloud: …")
        with self._clients_lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(  # type: ignore[call-overload]
                    service,
                    endpoint_url=self.endpoint,
                    # The endpoint is this process's own: never by way of a proxy.
                    config=Config(retries={"total_max_attempts": 1}, max_pool_connections=50, proxies={}),
                )
            return self._clients[service]

    def resources(self) -> dict[str, ResourceCount]:
        """What was started, was removed and is left, for every kind of ``resource_tracker.KINDS``."""
        return self._resources.counts()

    def machine_dir(self, instance_name: str) -> Path:
        """The disk of the machine of that name, with its pictures in ``media``; ``UnknownMachineError``.

        It is kept after the machine's end until the caller removes ``data_dir``.
        """
        if self._fleet is None:
            raise NotRunningError("The local cloud was never entered, so it has no machines.")
        return self._fleet.folder_of(instance_name)

    def operator_password(self, instance_name: str) -> str:
        """What a person signs in with as ``operator`` at a machine's Node-RED."""
        own = [{"Key": "name", "Values": [f"{STACK_NAME}-"]}]
        secret = self.client("secretsmanager").list_secrets(Filters=own)["SecretList"][0]
        generated = self.client("secretsmanager").get_secret_value(SecretId=secret["ARN"])["SecretString"]
        return operator_password(secret_value(generated), instance_name)

    def _start(self, ends: ExitStack) -> None:
        check_machine_ports()
        settings = self.settings
        data = settings.data_dir.resolve()
        logs = data / "logs"
        (logs / "lambda").mkdir(parents=True, exist_ok=True)
        toolchain.link_node(data / "bin")
        watchdog = Watchdog()
        ends.callback(watchdog.close)
        replacements = ends.enter_context(Replacements())
        server.configure(replacements)
        self.endpoint = ends.enter_context(server.serve(settings.port, logs / "moto.log"))
        self._clients.clear()
        self._session = boto3.Session(ACCESS_KEY, ACCESS_KEY, region_name=self.region)
        account_logs = AccountLogs(self.client("logs"))
        ends.callback(account_logs.close)
        service = self._container_service(watchdog, account_logs)
        ecs.install(replacements, service)
        facts = authorization.MotoFacts(service, region=self.region, account=self.account)
        authorizer = Authorizer(facts, authorization.MotoRoles(self.account))
        authorization.install(replacements, authorizer)
        self._fleet = self._new_fleet(data, service, authorizer)
        ends.callback(self._fleet.end_all)
        Ec2Adapter(self._fleet, settings.capacity).install(replacements)
        pool = self._worker_pool(ends, watchdog, logs / "lambda", account_logs)
        functions.install(replacements, pool.invoke)
        function_states.install(replacements, Idleness(settings.clock, settings.wake_seconds))
        invocations.install(replacements, authorizer, self.endpoint)
        if settings.limits:
            throttling.install(replacements, settings.limits)
        self.bus = EventBus(
            self._call_function,
            region=self.region,
            account=self.account,
            minute=settings.schedule_minute_seconds,
            latency=settings.event_seconds,
        )
        executions.install(replacements, changed=functools.partial(publish, self.bus))
        ends.callback(executions.stop_all, self.region, self.account)
        ends.callback(self.bus.close)
        open_default_network(self.client("ec2"))
        if settings.template is not None:
            self.state_machine_arn = provision(
                self,
                settings.template,
                settings.repository,
                parameters={
                    "NodeREDImageTag": "local",
                    "JoinSeconds": f"{settings.boot_seconds + settings.join_seconds:g}",
                    **settings.parameters,
                },
            )

    def _call_function(self, name: str, event: dict[str, Any]) -> bool:
        try:
            answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        except (ClientError, BotoCoreError) as error:
            _log.warning("%s could not be called: %s", name, error)
            return False
        return "FunctionError" not in answer

    def _container_service(self, watchdog: Watchdog, account_logs: AccountLogs) -> ContainerService:
        settings = self.settings
        runtime = Runtime(
            images=settings.images,
            start_program=settings.start_program,
            watchdog=watchdog,
            resources=self._resources,
            logs=account_logs,
            pulls=ImagePulls(settings.image_bytes, settings.pull_bytes_per_second),
            placement_seconds=settings.placement_seconds,
            status_seconds=settings.status_seconds,
            first_health_checks_seconds=settings.first_health_checks_seconds,
            account_environment={
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_REGION": self.region,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
            },
        )
        cluster_state = ClusterState(region=self.region, account=self.account, resources=self._resources)
        return ContainerService(
            cluster_state,
            runtime,
            lambda reference: ecs.find_definition(reference, region=self.region, account=self.account),
        )

    def _new_fleet(self, data: Path, service: ContainerService, authorizer: Authorizer) -> Fleet:
        settings = self.settings
        times = HostTimes(
            boot=settings.boot_seconds,
            join=settings.join_seconds,
            stop=settings.stop_seconds,
            terminate=settings.terminate_seconds,
            departure=settings.departure_seconds,
            shutdown_minute=settings.shutdown_minute_seconds,
        )
        return Fleet(
            folder=data / "machines",
            tools=data / "bin",
            service=service,
            times=times,
            resources=self._resources,
            may_join=authorizer.check_agent,
        )

    def _worker_pool(
        self, ends: ExitStack, watchdog: Watchdog, logs: Path, account_logs: AccountLogs
    ) -> WorkerPool:
        fork_server = ForkServer(watchdog, logs / "fork-server.log")
        ends.callback(fork_server.close)
        pool = WorkerPool(
            fork_server,
            Surroundings(
                region=self.region,
                endpoint=self.endpoint,
                code_folders=(self.settings.repository,),
                log_folder=logs,
                open_log=account_logs.open_function,
            ),
        )
        ends.callback(pool.close)
        return pool
