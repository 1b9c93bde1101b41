"""A server's HTTP API: JSON in, JSON out, and its refusals by name."""

import time
from collections.abc import Callable
from typing import Any

import requests

from .errors import ServerRefused, ServerUnreachable

ANSWER_SECONDS = 60.0
POLL_SECONDS = 2.0
PATIENCE_SECONDS = 300.0
ASKED_AGAIN_SECONDS = 120.0  # ECS does not start the set-up's container again
NOT_FOUND = 404
BUSY = 429
FIRST_SERVER_ERROR = 500


class Server:
    """Elasticsearch, Amazon OpenSearch or Kibana.

    Args:
        url: Its address without a path.
        ca_file: A PEM file to trust in place of the public authorities.
        clock: Returns the time (s).
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self._clock, self._sleep = clock, sleep
        self._session = requests.Session()
        self._session.auth = (user, password)
        self._session.verify = ca_file or True
        # Kibana takes no change without it; the others do not mind.
        self._session.headers["kbn-xsrf"] = "organist"

    def wait(self, path: str, patience: float = PATIENCE_SECONDS) -> None:
        """Wait until the path answers with 200.

        Raises:
            ServerUnreachable: There is no answer after ``patience`` seconds.
            ServerRefused: The password is wrong; raised at once.
        """
        deadline, reason = self._clock() + patience, "it was not asked"
        while self._clock() < deadline:
            try:
                answer = self._session.get(self.url + path, timeout=ANSWER_SECONDS)
            except requests.RequestException as error:
                reason = str(error)
            else:
                if answer.ok:
                    return
                if answer.status_code in (401, 403):
                    raise self._refusal("GET", path, answer)
                reason = f"it answered {answer.status_code}"
            self._sleep(POLL_SECONDS)
        raise ServerUnreachable(f"{self.url}{path} did not come up within {patience:.0f} s: {reason}.")

    def get(self, path: str) -> Any:
        """Return the JSON at a path, None if there is nothing."""
        answer = self._ask("GET", path)
        return None if answer.status_code == NOT_FOUND else self._told("GET", path, answer)

    def put(self, path: str, body: Any) -> Any:
        """Put a JSON document; return the answer. Raises ``ServerRefused``."""
        return self._told("PUT", path, self._ask("PUT", path, json=body))

    def post(self, path: str, **content: Any) -> Any:
        """Post ``json`` or ``files``, as requests takes them; return the answer. Raises ``ServerRefused``."""
        return self._told("POST", path, self._ask("POST", path, **content))

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        """Ask again what a busy or restarting server did not do; each of our requests may be repeated."""
        deadline = self._clock() + ASKED_AGAIN_SECONDS
        while True:
            over = self._clock() >= deadline
            try:
                answer = self._session.request(method, self.url + path, timeout=ANSWER_SECONDS, **content)
            except requests.RequestException as error:
                if over:
                    raise ServerUnreachable(f"{method} {self.url}{path}: {error}") from error
            else:
                if over or not (answer.status_code == BUSY or answer.status_code >= FIRST_SERVER_ERROR):
                    return answer
            self._sleep(POLL_SECONDS)

    def _told(self, method: str, path: str, answer: requests.Response) -> Any:
        if not answer.ok:
            raise self._refusal(method, path, answer)
        return answer.json() if answer.content else None

    def _refusal(self, method: str, path: str, answer: requests.Response) -> ServerRefused:
        return ServerRefused(f"{method} {self.url}{path}: {answer.status_code} {answer.text[:500]}")
