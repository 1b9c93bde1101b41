"""A folder of npm tarballs, served as an npm registry on the loopback interface.

https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
"""

import json
import re
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from local_cloud.errors import ModuleFolderError

MANIFEST = "package/package.json"


@contextmanager
def serve_modules(folder: Path) -> Iterator[str]:
    """Serve the tarballs of a folder while the context lasts; return the registry's base URL.

    Raises ``ModuleFolderError`` for a folder without a module, or with a file that is none.
    """
    found = _read(folder)
    handler = type("Handler", (_Handler,), {"found": found})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="module registry", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(folder: Path) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.tgz")):
        manifest = _manifest(path)
        found.setdefault(manifest["name"], {})[manifest["version"]] = path
    if not found:
        raise ModuleFolderError(f"{folder} has no module; expected tarballs (*.tgz) as npm pack makes them.")
    return found


def _manifest(path: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path) as tar:
            member = tar.extractfile(MANIFEST)
            manifest: dict[str, Any] = json.loads(member.read()) if member else {}
        return {"name": str(manifest["name"]), "version": str(manifest["version"])}
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        raise ModuleFolderError(f"{path} is no npm tarball: it has no {MANIFEST} to read.") from error


class _Handler(BaseHTTPRequestHandler):
    """Answers for modules by name, and for their tarballs."""

    found: dict[str, dict[str, Path]]

    def do_GET(self) -> None:
        """Return a module's document or a tarball."""
        path = unquote(self.path).strip("/")
        tarball = re.fullmatch(r"-/([^/]+\.tgz)", path)
        files = {file.name: file for versions in self.found.values() for file in versions.values()}
        if tarball and tarball[1] in files:
            self._answer(HTTPStatus.OK, "application/octet-stream", files[tarball[1]].read_bytes())
        elif path in self.found:
            self._answer(HTTPStatus.OK, "application/json", json.dumps(self._document(path)).encode())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "application/json", b'{"error": "Not found"}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _document(self, name: str) -> dict[str, Any]:
        versions = self.found[name]
        base = f"http://{self.headers['Host']}/-"
        newest = max(versions, key=lambda version: [int(part) for part in re.findall(r"\d+", version)])
        return {
            "name": name,
            "dist-tags": {"latest": newest},
            "versions": {
                version: {"name": name, "version": version, "dist": {"tarball": f"{base}/{file.name}"}}
                for version, file in versions.items()
            },
        }

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
