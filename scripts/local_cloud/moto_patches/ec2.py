"""EC2: moto keeps the instances, our fleet makes them live."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.exceptions import EC2ClientError, InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses._base_response import EC2BaseResponse
from moto.ec2.responses.instances import InstanceResponse

from local_cloud.ec2.capacity import Capacity
from local_cloud.ec2.fleet import Fleet
from local_cloud.ec2.instance import InstanceFacts, InstanceState
from local_cloud.errors import NoAddressLeftError
from local_cloud.moto_patches import ec2_capacity, ec2_tags
from local_cloud.moto_patches.replacements import Replacements


class MotoInstance:
    """An instance in moto's books (an ``InstanceRecord``)."""

    def __init__(self, instance: Instance, fleet: Fleet, answering: threading.RLock) -> None:
        self._answering = answering
        self._instance = instance
        self._fleet = fleet
        self._state = InstanceState.PENDING

    @property
    def facts(self) -> InstanceFacts:
        """What the host needs to know."""
        instance = self._instance
        kind = INSTANCE_TYPES[instance.instance_type]
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        return InstanceFacts(
            instance_id=instance.id,
            name=tags.get("Name") or instance.id,
            instance_type=instance.instance_type,
            image_id=instance.image_id or "",
            availability_zone=instance.availability_zone or "",
            memory=int(kind["MemoryInfo"]["SizeInMiB"]),
            vcpus=int(kind["VCpuInfo"]["DefaultVCpus"]),
            user_data=instance.user_data.decode() if instance.user_data else "",
            role=_role_of(instance),
            ends_by_terminating=instance.instance_initiated_shutdown_behavior == "terminate",
        )

    @property
    def state(self) -> InstanceState:
        """The state that DescribeInstances shows."""
        return self._state

    def set_address(self, address: str) -> None:
        """Show the machine's own loopback address."""
        with self._answering:
            card = self._instance.nics[0]
            card.public_ip = card.private_ip_address = address

    def set_state(self, state: InstanceState) -> None:
        """Show a state; on TERMINATED moto frees what it holds for the instance, and the address is free."""
        with self._answering:
            if state is InstanceState.TERMINATED:
                address = self._instance.private_ip_address
                self._instance.terminate()
                self._fleet.release_address(address)
                self.set_address("")
            self._state = state
            self._instance._state.name, self._instance._state.code = state.label, state.value


def _role_of(instance: Instance) -> str:
    found = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    roles = found.iam_instance_profile.roles if found else []
    return str(roles[0].arn) if roles else ""


class Ec2Adapter:
    """The replaced EC2 operations and what they remember."""

    def __init__(self, fleet: Fleet, capacity: Capacity) -> None:
        self._fleet = fleet
        self._capacity = capacity
        # moto writes its answers from the very objects that a machine's end changes: an address that goes
        # meanwhile is an IndexError in the middle of DescribeInstances.
        self._answering = threading.RLock()
        self._records: dict[str, MotoInstance] = {}
        self._tokens: dict[str, tuple[str, Any]] = {}

    def install(self, replacements: Replacements) -> None:
        """Make moto's instances live."""
        original = InstanceResponse.run_instances

        # Functions, because a bound method that stands in a class is not given the response object.
        def run_instances(response: Any) -> ActionResult:
            return self._run_instances(response, original)

        def terminate_instances(response: Any) -> ActionResult:
            return ActionResult({"TerminatingInstances": self._end(response, terminate=True)})

        def stop_instances(response: Any) -> ActionResult:
            return ActionResult({"StoppingInstances": self._end(response, terminate=False)})

        answer = BaseResponse.call_action

        def call_action(response: Any) -> Any:
            if not isinstance(response, EC2BaseResponse):
                return answer(response)
            with self._answering:
                return answer(response)

        replacements.replace(BaseResponse, "call_action", call_action)
        ec2_capacity.install(replacements, self._capacity)
        ec2_tags.install(replacements)
        replacements.replace(InstanceResponse, "run_instances", run_instances)
        replacements.replace(InstanceResponse, "terminate_instances", terminate_instances)
        replacements.replace(InstanceResponse, "stop_instances", stop_instances)
        replacements.replace(InstanceResponse, "start_instances", _unsupported)
        replacements.replace(InstanceResponse, "reboot_instances", _unsupported)

    def _run_instances(self, response: Any, original: Any) -> ActionResult:
        token = response._get_param("ClientToken")
        fingerprint = _fingerprint(response)
        if token in self._tokens:
            first_fingerprint, reservation = self._tokens[token]
            if first_fingerprint != fingerprint:
                raise EC2ClientError(
                    "IdempotentParameterMismatch",
                    "The client token was used before, with other parameters.",
                )
            _refuse_what_has_ended(reservation)
            return ActionResult(reservation)
        _refuse_unknown_type(response)
        with (
            _template_data(response),
            self._addresses(int(response._get_param("MinCount") or 1)) as addresses,
        ):
            ec2_capacity.find_room(response, self._capacity)
            reservation = original(response).result
            for instance in reservation.instances:
                self._launch(instance, addresses.pop(0))
        if token:
            self._tokens[token] = (fingerprint, reservation)
        return ActionResult(reservation)

    @contextmanager
    def _addresses(self, count: int) -> Iterator[list[str]]:
        claimed: list[str] = []
        try:
            while len(claimed) < count:
                claimed.append(self._fleet.claim_address())
            yield claimed
        except NoAddressLeftError as error:
            raise EC2ClientError("InsufficientInstanceCapacity", str(error)) from error
        finally:
            for address in claimed:
                self._fleet.release_address(address)

    def _launch(self, instance: Instance, address: str) -> None:
        if not instance.security_groups:
            # The groups of the first network card are the instance's, which moto does not say.
            instance.security_groups = list(instance.nics[0].group_set)
        record = MotoInstance(instance, self._fleet, self._answering)
        self._records[instance.id] = record
        self._fleet.launch(record, address)

    def _end(self, response: Any, *, terminate: bool) -> list[dict[str, Any]]:
        backend: InstanceBackend = response.ec2_backend
        response.error_on_dryrun()
        changes = []
        for instance in backend.get_multi_instances_by_id(response._get_param("InstanceIds", [])):
            record = self._records[instance.id]
            before = record.state
            self._fleet.end(instance.id, terminate=terminate)
            changes.append(
                {
                    "InstanceId": instance.id,
                    "PreviousState": {"Code": before.value, "Name": before.label},
                    "CurrentState": {"Code": record.state.value, "Name": record.state.label},
                }
            )
        return changes


def _fingerprint(response: Any) -> str:
    parameters = {name: value for name, value in response._get_params().items() if name != "ClientToken"}
    return json.dumps(parameters, sort_keys=True, default=str)


def _refuse_what_has_ended(reservation: Any) -> None:
    if all(instance._state.name in ("shutting-down", "terminated") for instance in reservation.instances):
        raise EC2ClientError(
            "IdempotentInstanceTerminated",
            "The instance that a request with the same client token launched has been terminated.",
        )


def _refuse_unknown_type(response: Any) -> None:
    kind = response._get_param("InstanceType")
    if kind and kind not in INSTANCE_TYPES:
        raise EC2ClientError("InvalidParameterValue", f"Invalid value '{kind}' for InstanceType.")


@contextmanager
def _template_data(response: Any) -> Iterator[None]:
    """Fill what RunInstances leaves open from the launch template, of which moto reads only a part."""
    reference = response._get_param("LaunchTemplate")
    if not reference:
        yield
        return
    data = _template_version(response.ec2_backend, reference).data
    taken = (
        "BlockDeviceMappings",
        "InstanceType",
        "InstanceInitiatedShutdownBehavior",
        "MetadataOptions",
        "NetworkInterfaces",
        "IamInstanceProfile",
    )
    parameters = response._get_params()
    added = {name: data[name] for name in taken if data.get(name) and not parameters.get(name)}
    parameters.update(added)
    yield


def _template_version(backend: Any, reference: dict[str, str]) -> Any:
    # moto answers an unknown template with a server error, and takes version 0 for the latest.
    if "LaunchTemplateId" in reference:
        template = backend.get_launch_template(reference["LaunchTemplateId"])
    else:
        template = backend.get_launch_template_by_name(reference["LaunchTemplateName"])
    version = reference.get("Version") or "$Default"
    if version not in ("$Default", "$Latest", *(str(known.number) for known in template.versions)):
        raise InvalidLaunchTemplateVersionNotFound(template_id=template.id, version=version)
    return template.get_version(version)


def _unsupported(_response: Any) -> ActionResult:
    raise EC2ClientError(
        "UnsupportedOperation", "The local cloud's machines run once: start a new instance instead."
    )
