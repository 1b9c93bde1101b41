"""Record what dynamorse's own logger sends, by its own nodes, in Node-RED 1.3.7 on Node.js 12.

python -m tests.metrics.recorded.record_dynamorse build/recorded/dynamorse.ndjson
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local_cloud import toolchain
from local_cloud.processes import system_path
from organist.metrics.documents import Documents
from organist.metrics.receiver import HOST, receive

USER_DIR = Path(__file__).with_name("dynamorse")
SECONDS = 25.0


def main() -> None:
    """Write the recording to the file that is named."""
    toolchain.install_packages(toolchain.DYNAMORSE_FOLDER)
    with tempfile.TemporaryDirectory() as folder, Documents(Path(sys.argv[1])) as documents:
        user_dir = Path(folder) / "user"
        shutil.copytree(USER_DIR, user_dir)
        # Its postinstall would change the flows of a Node-RED that runs on this computer.
        npm = [
            str(toolchain.node()),
            str(toolchain.npm_script()),
            "install",
            "--ignore-scripts",
            "--no-audit",
        ]
        subprocess.run(npm, cwd=user_dir, check=True)
        with receive(documents, toolchain.CHARTS_FOLDER) as receiver:
            _run(user_dir, receiver.port)
        print(f"{documents.path} has {documents.count} documents")


def _run(user_dir: Path, log_port: int) -> None:
    programs = toolchain.dynamorse_programs()
    red = toolchain.DYNAMORSE_FOLDER / "node_modules" / "node-red" / "red.js"
    settings = user_dir / "settings.js"
    command = [programs / "node", red, "--settings", settings, "--userDir", user_dir, "flows.json"]
    ports = {"PORT": str(_free_port()), "LOG_HOSTNAME": HOST, "LOG_PORT": str(log_port)}
    environment = {**os.environ, "PATH": system_path(programs), **ports}
    with subprocess.Popen([str(part) for part in command], cwd=user_dir, env=environment) as node_red:
        time.sleep(SECONDS)
        node_red.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
