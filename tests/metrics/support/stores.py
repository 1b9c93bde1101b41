"""Two servers that stand in for Elasticsearch and for OpenSearch, on 127.0.0.1, ended by process group."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from osmem_server import resolve_binary

from local_cloud.paths import REPOSITORY
from local_cloud.polling import poll
from logstash.setup import templates
from logstash.setup.server import Server
from tests.metrics.support.logstash_model import Event
from tests.metrics.support.recordings import data_stream

UP_SECONDS = 20.0
NOIDA = REPOSITORY / ".venv" / "bin" / "noida-db"


class Store(Server):
    """A server with our templates, and documents in it."""

    def bulk(self, events: Iterable[Event]) -> list[dict[str, Any]]:
        """Create a document for each event, as Logstash does; return what the server says of each."""
        lines = []
        for event in events:
            lines += [json.dumps({"create": {"_index": data_stream(event)}}), json.dumps(event)]
        answer = requests.post(
            f"{self.url}/_bulk?refresh=true",
            data="\n".join([*lines, ""]).encode(),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=30,
        )
        answer.raise_for_status()
        return [item["create"] for item in answer.json()["items"]]

    def search(self, indices: str, query: Any) -> Any:
        """Return the answer to a search."""
        return self.post(f"/{indices}/_search", json=query)


@contextmanager
def elasticsearch(folder: Path) -> Iterator[Store]:
    """noida-db, which speaks Elasticsearch's API; the templates are in it."""
    port = _free_port()
    command = [str(NOIDA), "start", "--data-dir", str(folder), "--only", "elasticsearch"]
    with _running([*command, "--elasticsearch-port", str(port)], folder):
        store = Store(f"http://127.0.0.1:{port}", "elastic", "secret")
        store.wait("/", UP_SECONDS)
        templates.put_templates_in_elasticsearch(store)
        _begin_streams(store)
        yield store


@contextmanager
def opensearch(folder: Path) -> Iterator[Store]:
    """osmem-server, which speaks OpenSearch's API and is strict on templates; they are in it."""
    port = _free_port()
    command = [resolve_binary(None), "-no-stdin-watch", "-no-ja", "-addr", f"127.0.0.1:{port}"]
    with _running([*command, "-parent-pid", str(os.getpid())], folder):
        store = Store(f"http://127.0.0.1:{port}", "admin", "secret")
        store.wait("/", UP_SECONDS)
        templates.put_templates_in_opensearch(store)
        # It takes the templates of data streams, and has none: the same mappings, in plain indices.
        for name, template in templates.index_templates().items():
            plain = {key: value for key, value in template.items() if key != "data_stream"}
            store.put(f"/_index_template/{name}", plain)
        _begin_streams(store)
        yield store


def _begin_streams(store: Store) -> None:
    """Begin each data stream, as the set-up does: neither server has any, so they are plain indices."""
    for name in templates.data_streams():
        store.put(f"/{name}", {})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        if not poll(lambda: process.poll() is not None, UP_SECONDS, 0.05):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
