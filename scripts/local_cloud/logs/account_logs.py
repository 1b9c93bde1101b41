"""Which log stream the output of a container or of a function goes to."""

import logging
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.logs.follower import LogFollower
from local_cloud.logs.streams import LogStream, StreamWriter

_log = logging.getLogger(__name__)


class LogGroupMissingError(Exception):
    """A container's log group is not there; the text is Docker's."""


class AccountLogs:
    """Brings log files into the account's log groups.

    Args:
        logs: A client of CloudWatch Logs.
    """

    def __init__(self, logs: Any) -> None:
        """Begin to follow what is opened."""
        self._logs = logs
        self._writer = StreamWriter(logs)
        self._follower = LogFollower(self._put)
        self._lock = threading.Lock()
        self._functions: set[str] = set()
        self._to_be_made: set[LogStream] = set()
        self._follower.start()

    def open_container(
        self, definition: Mapping[str, Any], task_arn: str, container_arn: str, file: Path
    ) -> None:
        """From now on bring a container's output into the stream that its ``awslogs`` options name.

        Args:
            definition: The container's part of the task definition.
                https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
            task_arn: Its task.
            container_arn: The container.
            file: Where the process writes.

        Raises:
            LogGroupMissingError: The log group is not there: Docker starts no such container.
        """
        stream = container_stream(definition, task_arn, container_arn)
        if stream is None:
            return
        options = definition["logConfiguration"]["options"]
        if options.get("awslogs-create-group") == "true":
            self._make_group(stream.group)
        try:
            self._logs.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
        except ClientError as error:
            refusal = error.response["Error"]
            raise LogGroupMissingError(
                "Error response from daemon: failed to initialize logging driver: failed to create "
                f"Cloudwatch log stream: {refusal['Code']}: {refusal['Message']}"
            ) from error
        self._follower.follow(file, stream)

    def close_container(self, file: Path) -> None:
        """The container whose output a file has has ended."""
        self._follower.end(file)

    def open_function(self, group: str, name: str, file: Path) -> None:
        """From now on bring a function's output into a stream of its log group; once is enough.

        Lambda makes a group that is not there, and has a stream an environment; here all share one.
        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
        """
        with self._lock:
            if name in self._functions:
                return
            self._functions.add(name)
            stream = LogStream(group, f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}")
            self._to_be_made.add(stream)
        self._follower.follow(file, stream)

    def close(self) -> None:
        """Bring what is left, and end."""
        self._follower.close()

    def _put(self, stream: LogStream, lines: list[str]) -> None:
        # A function's stream is made with its first lines: no call waits for it.
        with self._lock:
            to_be_made = stream in self._to_be_made
            self._to_be_made.discard(stream)
        try:
            if to_be_made:
                self._make_group(stream.group)
                self._logs.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
            self._writer.put(stream, lines)
        except (ClientError, BotoCoreError) as error:
            # As Lambda and the awslogs driver: a log that cannot be written ends nobody.
            _log.warning("%d lines for %s are lost: %s", len(lines), stream, error)

    def _make_group(self, group: str) -> None:
        try:
            self._logs.create_log_group(logGroupName=group)
        except self._logs.exceptions.ResourceAlreadyExistsException:
            return


def container_stream(definition: Mapping[str, Any], task_arn: str, container_arn: str) -> LogStream | None:
    """Return the stream of a container's output, None if it has no ``awslogs`` driver.

    ``prefix/container/task`` with a prefix, else Docker's id of the container.
    """
    configuration = definition.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration["options"]
    prefix = options.get("awslogs-stream-prefix")
    task_id, docker_id = task_arn.rsplit("/", 1)[-1], container_arn.rsplit("/", 1)[-1]
    name = f"{prefix}/{definition['name']}/{task_id}" if prefix else docker_id
    return LogStream(options["awslogs-group"], name)
