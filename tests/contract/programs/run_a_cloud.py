"""A program that runs a local cloud with a task and a busy function, says so, and waits to be ended.

Its argument is the data directory.
"""

import json
import sys
import threading
import time
from pathlib import Path

from local_cloud.cloud import LocalCloud
from tests.contract.machines import Member
from tests.contract.small_cloud import small_settings
from tests.support.waiting import wait_until

FAMILY = (
    "import json, os, subprocess, time;"
    "children = [subprocess.Popen(['/bin/sleep', '300'], start_new_session=leaves) for leaves in (0, 1)];"
    "told = [os.getpid(), *(child.pid for child in children)];"
    "open('family', 'w').write(json.dumps(told)); time.sleep(300)"
)


def main(data_dir: Path) -> None:
    """Start, report on standard output, and wait."""
    with LocalCloud(small_settings(data_dir)) as cloud:
        member = Member(cloud)
        member.until_status(member.run(member.define(FAMILY)), "RUNNING")
        family = cloud.machine_dir(member.cluster) / "data" / "family"
        wait_until(family.exists)
        note = data_dir / "note"
        start_function(cloud, note)
        wait_until(lambda: note.exists() and note.read_text())
        processes = [*json.loads(family.read_text()), *map(int, note.read_text().split())]
        sys.stdout.write(json.dumps({"processes": processes}) + "\n")
        sys.stdout.flush()
        time.sleep(300)


def start_function(cloud: LocalCloud, note: Path) -> None:
    """Call a function that never returns, and do not wait for it."""
    role = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    cloud.client("lambda").create_function(
        FunctionName="busy",
        Runtime="python3.13",
        Role=role,
        Handler="tests.contract.functions.handlers.leave_child",
        Timeout=300,
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )
    call = {"FunctionName": "busy", "Payload": json.dumps({"note": str(note)})}
    threading.Thread(target=quietly, args=(cloud, call), daemon=True).start()


def quietly(cloud: LocalCloud, call: dict[str, str]) -> None:
    """Call; the cloud's end cuts the call off."""
    try:
        cloud.client("lambda").invoke(**call)
    except Exception as error:  # noqa: BLE001 - any end will do
        sys.stderr.write(f"the call ended: {type(error).__name__}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
