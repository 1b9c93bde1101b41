"""The log host of a local cloud: takes documents by HTTP, as Logstash does in AWS, and serves the page."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from organist.metrics.documents import Documents
from organist.metrics.errors import ForeignPage, Incomplete, NoLength, Refused, TooLarge

HOST = "127.0.0.1"
LARGEST = 64 * 1024  # bytes of a document; ours have some hundred
POLL_SECONDS = 0.05  # between two polls of whether to end
PATIENCE = 10.0  # seconds that a sender may pause within a request
_POLICY = "default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'self'; img-src data:"
_KINDS = {".html": "text/html", ".css": "text/css", ".mjs": "text/javascript", ".js": "text/javascript"}
PAGE = {f"/{file.name}": file for file in (Path(__file__).parent / "page").iterdir()}
PAGE["/"] = PAGE["/index.html"]
UPLOT = ("uPlot.esm.js", "uPlot.min.css")  # what the page needs of uPlot's dist


class Receiver(ThreadingHTTPServer):
    """Listens on 127.0.0.1 and a free port.

    Args:
        documents: Gets what comes.
        charts: The folder whose ``node_modules`` has uPlot.
    """

    daemon_threads = True
    request_queue_size = 128  # machines that all call at once need not call again
    block_on_close = False  # a sender that keeps its connection open must not hold up the end

    def __init__(self, documents: Documents, charts: Path) -> None:
        """Listen; ``OSError`` where that is not possible."""
        self.documents = documents
        self.page = PAGE | {f"/{name}": charts / "node_modules" / "uplot" / "dist" / name for name in UPLOT}
        super().__init__((HOST, 0), _Requests)

    @property
    def port(self) -> int:
        """The TCP port."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}/"


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Receiver

    def do_PUT(self) -> None:
        """Keep the document; 204, or why not."""
        try:
            self._refuse_foreign_pages()
            self.server.documents.add(urlsplit(self.path).path, self._body())
        except Refused as refusal:
            self.server.documents.refuse()
            self.close_connection = True  # what is left of its body would be taken for the next request
            self._answer(refusal.status, "text/plain; charset=utf-8", f"{refusal}\n".encode())
            return
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    do_POST = do_PUT  # noqa: N815 - http.server's name

    def do_GET(self) -> None:
        """Serve the page and, as JSON, the documents behind it."""
        address = urlsplit(self.path)
        try:
            self._refuse_foreign_pages()
        except Refused as refusal:
            self._answer(refusal.status, "text/plain; charset=utf-8", f"{refusal}\n".encode())
            return
        if file := self.server.page.get(address.path):
            self._answer(HTTPStatus.OK, f"{_KINDS[file.suffix]}; charset=utf-8", file.read_bytes())
        elif address.path == "/documents":
            self._answer(HTTPStatus.OK, "application/json", self._documents(address.query))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"Not here\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the command's output is the production's."""

    def _documents(self, query: str) -> bytes:
        after = parse_qs(query).get("after", ["0"])[0]
        documents = self.server.documents
        records = documents.after(int(after) if after.isdecimal() else 0)
        return json.dumps(
            {
                "records": [{"number": record.number, **record.kept} for record in records],
                "refused": documents.refused,
            }
        ).encode()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise NoLength("Say with Content-Length how many bytes the document has.")
        if int(length) > LARGEST:
            raise TooLarge(f"A document may have {LARGEST} bytes at the most, not {length}.")
        try:
            body = self.rfile.read(int(length))
        except TimeoutError as error:
            raise Incomplete(f"Nothing came for {PATIENCE:.0f} s.") from error
        if len(body) < int(length):
            raise Incomplete(f"Only {len(body)} of {length} bytes came.")
        return body

    def _refuse_foreign_pages(self) -> None:
        own = {f"{HOST}:{self.server.port}", f"localhost:{self.server.port}"}
        host, origin = self.headers.get("Host"), self.headers.get("Origin")
        if host not in own or (origin is not None and urlsplit(origin).netloc not in own):
            raise ForeignPage(f"Only {self.server.url} and programs on this computer may ask.")

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def receive(documents: Documents, charts: Path) -> Iterator[Receiver]:
    """Take documents in a thread of its own until the context is left."""
    with Receiver(documents, charts) as receiver:
        thread = threading.Thread(
            target=receiver.serve_forever, args=(POLL_SECONDS,), name="metrics", daemon=True
        )
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
