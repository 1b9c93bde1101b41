"""What productions ask IAM for, noted while they run, with placeholders for what a deployment names."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local_cloud.iam.authorizer import Authorizer
from local_cloud.iam.policy import Request
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.provisioning.provision import STACK_NAME
from local_cloud.settings import ACCOUNT, REGION
from organist.doctor.checked_calls import MACHINE, STATE_MACHINE, CheckedCall

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK_NAME}-"
# Who is asked about by his role: no function runs then.
_SUBJECTS = {f"{_ROLE}InstanceRole": MACHINE, f"{_ROLE}DynamicNTSRole": STATE_MACHINE}
_STACK_TAG = re.compile(r"aws:(Request|Resource)Tag/organist:stack")
_TAG = re.compile(r"aws:(Request|Resource)Tag/")
# Ids that every production has others of; zeros stand for whichever.
_IDS = (
    (re.compile(r"\bsubnet-[0-9a-f]+"), "${Subnet}"),
    (re.compile(r"\bvpc-[0-9a-f]+"), "${Vpc}"),
    (re.compile(r"\bsg-[0-9a-f]+"), "${SecurityGroup}"),
    (re.compile(r"/[0-9a-f]{8}/"), "/production/"),
    (re.compile(r"\.tail/.+"), ".tail/piece"),
    (re.compile(r"\b(i|ami)-[0-9a-f]+"), r"\g<1>-" + "0" * 17),
    (re.compile(r"(?<=/)([0-9a-f]{32}|[0-9a-f-]{36})$"), "0" * 32),
    (re.compile(r":(function|execution):(\w+)"), r":\1:${NamePrefix}\2"),
    (re.compile(r"(:execution:[^:]+:).+"), r"\g<1>production"),
)


class Asked:
    """Notes what is asked for and allowed, until it is taken."""

    def __init__(self, replacements: Replacements, function: Callable[[], str]) -> None:
        """Note from now on.

        Args:
            replacements: Ends with the cloud.
            function: Tells the function that runs on this thread, "" if none does.
        """
        self._function = function
        self._names: dict[str, str] = {}
        self._noted: set[CheckedCall] = set()
        self._lock = threading.Lock()

        def check(authorizer: Any, role_arn: str, requests: Iterable[Request]) -> None:
            listed = list(requests)
            check_as_ever(authorizer, role_arn, listed)
            self._note(_SUBJECTS.get(role_arn) or self._function(), listed)

        check_as_ever = replacements.replace(Authorizer, "check", check)

    def learn(self, variables: Mapping[str, str]) -> None:
        """Take the environment of the functions, which names what the deployment made."""
        self._names = {
            variables["TASK_DEFINITION"]: "${TaskDefinition}",
            **{
                f"{_ROLE}{name}": f"${{{name}}}" for name in ("TaskRole", "TaskExecutionRole", "InstanceRole")
            },
            variables["CLUSTER"]: "${Cluster}",
            variables["LAUNCH_TEMPLATE_ID"]: "${LaunchTemplate}",
            variables["MEDIA_BUCKETS"]: "${MediaBucket}",
            REGION: "${Region}",
            ACCOUNT: "${Account}",
        }

    def take(self) -> frozenset[CheckedCall]:
        """Return what was noted since the last time."""
        with self._lock:
            taken, self._noted = frozenset(self._noted), set()
        return taken

    def _note(self, subject: str, requests: Iterable[Request]) -> None:
        noted = {
            CheckedCall(subject, one.action, self._named(one.resource), self._context(one.context))
            for one in requests
        }
        with self._lock:
            self._noted |= noted

    def _context(self, context: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple(
            sorted(
                (key, tuple(sorted(self._value(key, one) for one in values)))
                for key, values in context.items()
            )
        )

    def _value(self, key: str, value: str) -> str:
        if _STACK_TAG.fullmatch(key) and value == STACK_NAME:
            return "${StackName}"
        return "any" if _TAG.match(key) else self._named(value)

    def _named(self, text: str) -> str:
        for known, placeholder in self._names.items():
            text = text.replace(known, placeholder)
        for pattern, placeholder in _IDS:
            text = pattern.sub(placeholder, text)
        return text
