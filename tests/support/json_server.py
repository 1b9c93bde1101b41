"""An HTTP server of JSON for the doubles of tests: a function from request to answer."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

Answer = tuple[int, Any]


def answering(answer: Callable[[str, str, Any, bytes], Answer]) -> type[BaseHTTPRequestHandler]:
    """Make a handler of a function from method, path with query, headers and body to status and JSON."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, message = answer(self.command, self.path, self.headers, body)
            content = json.dumps(message).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
