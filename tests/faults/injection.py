"""Faults in the two places that every call passes: botocore's requests and requests' adapters."""

import re
import threading
from collections.abc import Callable
from typing import Any

import requests
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.hooks import BaseEventHooks
from requests.adapters import HTTPAdapter

from tests.faults.aws_answers import aws_answer
from tests.faults.plan import FaultKind, Service
from tests.faults.watch import Invocation, Killed, TimedOut

_NODE_RED_STATUS = {
    FaultKind.THROTTLED_ONCE: 503,
    FaultKind.THROTTLED_ALWAYS: 503,
    FaultKind.SERVER_ERROR_ONCE: 500,
    FaultKind.DENIED: 401,
}
_LOST = (FaultKind.ANSWER_LOST, FaultKind.ANSWER_LOST_TO_ONE_ATTEMPT)


class Current(threading.local):
    """The invocation that runs on this thread, its function's name and the access key of that one's role."""

    invocation: Invocation | None = None
    function: str = ""
    access_key: str = ""


def _inject(kind: FaultKind, send: Callable[[], Any], invocation: Invocation) -> None:
    """End the function where its time ends; a request may have been on its way."""
    if kind is FaultKind.KILLED_BEFORE:
        raise Killed
    if kind is FaultKind.LATE_ALWAYS:
        invocation.watch.late.append(send)
        raise TimedOut
    send()
    if kind is FaultKind.KILLED_AFTER:
        raise Killed
    if kind in (FaultKind.TIMED_OUT_ONCE, FaultKind.TIMED_OUT_ALWAYS):
        raise TimedOut


class AwsCalls:
    """Meets every AWS call of the clients of one session."""

    def __init__(self, current: Current, wire: Callable[[AWSPreparedRequest, str], AWSResponse]) -> None:
        """Take ``wire``, which brings a request to a service and gives its answer."""
        self._current = current
        self._wire = wire

    def install(self, events: BaseEventHooks) -> None:
        """Register with a session's events, before it makes clients."""
        events.register("before-call", self._count)
        events.register("before-send", self._send)  # type: ignore[arg-type]

    def _count(self, model: Any, **_: Any) -> None:
        invocation = self._current.invocation
        if invocation is not None:
            invocation.count(model.name, _role_of_event(invocation))

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        invocation = self._current.invocation
        service, operation = event_name.split(".")[1:]
        _sign_as(request, self._current.access_key)
        if invocation is None:
            return self._wire(request, service)
        kind = invocation.meet(Service.AWS, operation, _role_of_event(invocation))
        if kind is None:
            return self._wire(request, service)
        if kind in _NODE_RED_STATUS:
            return aws_answer(request, service, kind)
        _inject(kind, lambda: self._wire(request, service), invocation)
        raise ConnectionClosedError(endpoint_url=request.url)


class NodeRedCalls(HTTPAdapter):
    """Meets every call of Node-RED's admin API."""

    current: Current

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, unless a fault is met."""
        invocation = self.current.invocation
        if invocation is None:
            return super().send(request, *args, **kwargs)
        role = _role_of_address(invocation, request)
        operation = _operation(request)
        invocation.count(operation, role)
        kind = invocation.meet(Service.NODE_RED, operation, role)
        if kind is None:
            return super().send(request, *args, **kwargs)
        if kind in _NODE_RED_STATUS:
            return self._answer(request, _NODE_RED_STATUS[kind])
        _inject(kind, lambda: HTTPAdapter.send(self, request, *args, **kwargs), invocation)
        raise requests.ConnectionError("Connection aborted: injected by the fault tests")

    @staticmethod
    def _answer(request: requests.PreparedRequest, status: int) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, str(request.url)
        answer._content = b"Injected by the fault tests"
        return answer


def meet_node_red_calls(current: Current) -> None:
    """Let every session of requests made from now on use the adapter above; this process is for it alone."""
    adapter = type("Adapter", (NodeRedCalls,), {"current": current})
    requests.sessions.HTTPAdapter = adapter  # type: ignore[assignment]


def _sign_as(request: AWSPreparedRequest, access_key: str) -> None:
    # All functions share this process's clients; each signs as its own role all the same.
    signed = request.headers.get("Authorization")
    if access_key and signed is not None:
        text = signed.decode() if isinstance(signed, bytes) else str(signed)
        del request.headers["Authorization"]
        request.headers["Authorization"] = re.sub("Credential=[^/]+/", f"Credential={access_key}/", text)


def _role_of_event(invocation: Invocation) -> str:
    return str(invocation.event.get("instanceName", "")).partition("-")[0]


def _role_of_address(invocation: Invocation, request: requests.PreparedRequest) -> str:
    machines = invocation.event.get("machines") or [invocation.event]
    for machine in machines:
        if f"//{machine.get('privateAddress')}:" in str(request.url):
            return str(machine["instanceName"]).partition("-")[0]
    return ""


def _operation(request: requests.PreparedRequest) -> str:
    # A flow's id is another one each time; a module's name says which call it is.
    path = request.path_url
    return f"{request.method} {'/flow/ID' if path.startswith('/flow/') else path}"
