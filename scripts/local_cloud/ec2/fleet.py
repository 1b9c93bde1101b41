"""All machines: their addresses, their disks, their hosts."""

import threading
from pathlib import Path

from local_cloud.ec2.addresses import Addresses
from local_cloud.ec2.host import HostTimes, MachineHost, MayJoin
from local_cloud.ec2.instance import InstanceRecord, InstanceState
from local_cloud.ecs.images import ContainerHost
from local_cloud.ecs.service import ContainerService
from local_cloud.errors import UnknownMachineError
from local_cloud.resource_tracker import ResourceTracker


class Fleet:
    """Starts a host for each EC2 instance and ends it."""

    def __init__(
        self,
        *,
        folder: Path,
        tools: Path,
        service: ContainerService,
        times: HostTimes,
        resources: ResourceTracker,
        may_join: MayJoin,
    ) -> None:
        self._folder = folder
        self._tools = tools
        self._service = service
        self._times = times
        self._resources = resources
        self._may_join = may_join
        self._lock = threading.Lock()
        self._addresses = Addresses()
        self._hosts: dict[str, MachineHost] = {}

    def claim_address(self) -> str:
        """An address for a new machine; ``NoAddressLeftError``."""
        return self._addresses.claim()

    def release_address(self, address: str) -> None:
        """The machine of that address is gone."""
        self._addresses.release(address)

    def launch(self, record: InstanceRecord, address: str) -> None:
        """Begin to boot a machine at an address; returns at once."""
        record.set_address(address)
        record.set_state(InstanceState.PENDING)
        with self._lock:
            folder = self._new_folder(record.facts.name)
            machine = ContainerHost(name=record.facts.name, address=address, folder=folder, tools=self._tools)
            host = MachineHost(record, machine, self._service, self._times, self._resources, self._may_join)
            self._hosts[record.facts.instance_id] = host
        host.start()

    def end(self, instance_id: str, *, terminate: bool) -> None:
        """Switch a machine off; one that is off already stays so. Returns at once."""
        with self._lock:
            host = self._hosts[instance_id]
        host.end(terminate=terminate)

    def folder_of(self, name: str) -> Path:
        """The disk of the machine that last had this name; ``UnknownMachineError``."""
        with self._lock:
            found = [host.machine.folder for host in self._hosts.values() if host.machine.name == name]
        if not found:
            raise UnknownMachineError(f"No machine named {name} was started in this local cloud.")
        return found[-1]

    def end_all(self) -> None:
        """Switch every machine off at once and wait until all processes have ended."""
        with self._lock:
            hosts = list(self._hosts.values())
        threads = [threading.Thread(target=host.end_now) for host in hosts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._addresses.release_all()

    def _new_folder(self, name: str) -> Path:
        folder, number = self._folder / name, 1
        while folder.exists():
            # The same name again is another machine with an empty disk of its own.
            number += 1
            folder = self._folder / f"{name}.{number}"
        folder.mkdir(parents=True)
        return folder
