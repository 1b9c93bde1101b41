"""What AWS lets one account call in one region, by its published figures, and who was refused.

EC2: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
Systems Manager: https://docs.aws.amazon.com/general/latest/gr/ssm.html
Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local_cloud.limits.token_bucket import TokenBucket

Figures = tuple[float, float]
"""A bucket's size, and what comes back a second."""

ECS_MODIFY: Figures = (100, 40)
"""Shared by what changes a cluster's tasks and machines."""
ECS_READ: Figures = (100, 20)
"""Shared by what reads them."""
EC2_READ: Figures = (100, 20)
"""Each Describe call of EC2 has one of its own, where it is filtered or paginated."""
OF_ITS_OWN: dict[tuple[str, str], Figures] = {
    ("ec2", "RunInstances"): (5, 2),
    ("ec2", "TerminateInstances"): (100, 5),
    ("ec2", "CreateTags"): (100, 10),
    ("ssm", "GetParameter"): (40, 40),
    # Of a region other than the three largest.
    ("states", "StartExecution"): (800, 150),
}
RESOURCES: dict[tuple[str, str], Figures] = {
    ("ec2", "RunInstances"): (1000, 2),
    ("ec2", "TerminateInstances"): (1000, 20),
}
"""Beside the calls, the machines that they are about."""
MODIFIES = frozenset({"DeregisterContainerInstance", "RunTask", "StartTask", "StopTask"})
READS = frozenset({"DescribeContainerInstances", "DescribeTasks", "ListContainerInstances", "ListTasks"})
CONCURRENCY = 1000
"""Functions that run at once; a new account begins with 10."""


class ConcurrencyExceededError(Exception):
    """As many functions run as may."""


def buckets_of(service: str, action: str, resources: int = 1) -> Iterator[tuple[str, Figures, float]]:
    """Yield what a call takes tokens of: the bucket's name, its figures, and how many tokens.

    Args:
        service: As policies name it: ec2, ecs, ssm, states.
        action: The API's name of the call.
        resources: How many machines it is about.
    """
    call, name = (service, action), f"{service}:{action}"
    if call in OF_ITS_OWN:
        yield name, OF_ITS_OWN[call], 1
    elif service == "ecs" and action in MODIFIES:
        yield "ecs, what changes tasks and machines", ECS_MODIFY, 1
    elif service == "ecs" and action in READS:
        yield "ecs, what reads them", ECS_READ, 1
    elif service == "ec2" and action.startswith("Describe"):
        yield name, EC2_READ, 1
    if call in RESOURCES:
        yield f"{name}, machines", RESOURCES[call], resources


class AccountLimits:
    """An account's buckets, and how often each call was refused."""

    def __init__(self, concurrency: int = CONCURRENCY, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets.

        Args:
            concurrency: How many functions may run at once.
            clock: Tells the time (s).
        """
        self._clock, self._concurrency = clock, concurrency
        self._running = 0
        self._lock = threading.Lock()
        self._buckets: dict[str, TokenBucket] = {}
        self.refused: Counter[str] = Counter()

    def allows(self, service: str, action: str, resources: int = 1) -> bool:
        """Whether a call may be made now; it counts.

        Args:
            service: As policies name it: ec2, ecs, ssm, states.
            action: The API's name of the call.
            resources: How many machines it is about.
        """
        for key, figures, tokens in buckets_of(service, action, resources):
            if not self._bucket(key, figures).take(tokens):
                self._refuse(f"{service}:{action}")
                return False
        return True

    @contextmanager
    def running(self) -> Iterator[None]:
        """A function runs meanwhile.

        Raises:
            ConcurrencyExceededError: No other may run now.
        """
        with self._lock:
            if self._running >= self._concurrency:
                self.refused["lambda:Invoke"] += 1
                raise ConcurrencyExceededError
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def _bucket(self, key: str, figures: Figures) -> TokenBucket:
        with self._lock:
            if key not in self._buckets:
                self._buckets[key] = TokenBucket(*figures, clock=self._clock)
            return self._buckets[key]

    def _refuse(self, call: str) -> None:
        with self._lock:
            self.refused[call] += 1
