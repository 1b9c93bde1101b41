"""What the stand-in servers lack: Elasticsearch's users, OpenSearch's policies, Kibana's import.

It keeps what it is given, and refuses what the documentation does not allow:
https://www.elastic.co/docs/api/doc/elasticsearch/group/endpoint-security
https://www.elastic.co/docs/api/doc/kibana/group/endpoint-saved-objects
https://docs.opensearch.org/latest/im-plugin/ism/api/
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from tests.support.json_server import Answer, answering

SHORTEST_PASSWORD = 6
LASTING = ("_component_template", "_index_template", "_security/role", "_security/user")
POLICY = re.compile(r"/_plugins/_ism/policies/([a-z-]+)")
STREAM = re.compile(r"/_data_stream/(metrics-[a-z.]+-organist)")
MANAGED = re.compile(r"/_plugins/_ism/(change_policy|add)/([a-z0-9.,-]+)")
RETRY = {"retry": {"count": 3, "backoff": "exponential", "delay": "1m"}}


class ElasticDouble:
    """A server; ``kept`` is all that it was given, by path. ``starting``, how many times it is not up yet."""

    def __init__(self, starting: int = 0) -> None:
        self.kept: dict[str, Any] = {}
        self.starting = starting
        self.url = ""
        self._authorised = "Basic " + base64.b64encode(b"elastic:secret").decode()
        self._numbers: dict[str, int] = {}

    def answer(self, method: str, address: str, headers: Any, body: bytes) -> Answer:
        """Return the status and the JSON of the answer."""
        parts = urlsplit(address)
        if headers.get("Authorization") != self._authorised:
            return 401, {"error": {"type": "security_exception"}}
        if self.starting > 0:
            self.starting -= 1
            return 503, {"error": "not up yet"}
        if method == "GET":
            return self._get(parts.path)
        return self._change(method, parts, headers, body)

    def _change(self, method: str, parts: SplitResult, headers: Any, body: bytes) -> Answer:
        kept = self._change_streams(method, parts, body)
        if kept is not None:
            return kept
        if parts.path == "/api/saved_objects/_import":
            return self._import(parse_qs(parts.query), headers, body)
        if parts.path == "/_security/user/kibana_system/_password":
            return self._keep(parts.path, json.loads(body)) if method == "POST" else (405, {})
        if method == "PUT" and parts.path.lstrip("/").startswith(LASTING):
            return self._keep(parts.path, json.loads(body))
        return 405, {"error": f"{method} {parts.path}"}

    def _change_streams(self, method: str, parts: SplitResult, body: bytes) -> Answer | None:
        if (found := POLICY.fullmatch(parts.path)) and method == "PUT":
            return self._put_policy(found[0], parse_qs(parts.query), json.loads(body))
        if (found := STREAM.fullmatch(parts.path)) and method == "PUT":
            return self._begin_stream(found[0], found[1])
        if (found := MANAGED.fullmatch(parts.path)) and method == "POST":
            return self._manage(found[1], found[2].split(","), json.loads(body))
        return None

    def _get(self, path: str) -> Answer:
        if path in ("/", "/api/status"):
            return 200, {}
        if path not in self.kept:
            return 404, {"error": "not found"}
        if STREAM.fullmatch(path):
            indices = [{"index_name": name, "index_uuid": f"uuid {name}"} for name in self.kept[path]]
            return 200, {"data_streams": [{"name": path.rpartition("/")[2], "indices": indices}]}
        return 200, {
            "_seq_no": self._numbers[path],
            "_primary_term": 1,
            "policy": self._as_opensearch_tells(self.kept[path]["policy"]),
        }

    @staticmethod
    def _as_opensearch_tells(policy: Any) -> Any:
        """Return a policy with what OpenSearch adds to it."""
        told = json.loads(json.dumps(policy))
        for state in told.get("states", []):
            state["actions"] = [RETRY | action for action in state["actions"]]
        for template in told.get("ism_template", []):
            template["last_updated_time"] = 1_577_990_761_311
        return told | {"policy_id": "organist-retention", "schema_version": 21, "error_notification": None}

    def _begin_stream(self, path: str, name: str) -> Answer:
        if path in self.kept:
            return 400, {"error": {"type": "resource_already_exists_exception"}}
        templates = [given for kept, given in self.kept.items() if kept.startswith("/_index_template/")]
        if not any(name in given["index_patterns"] and "data_stream" in given for given in templates):
            return 400, {"error": {"type": "illegal_argument_exception", "reason": "no matching template"}}
        # A new index follows the policy whose template names it, as it is now.
        numbers = [self._numbers[kept] for kept in self.kept if POLICY.fullmatch(kept)]
        self.kept[path] = {f".ds-{name}-000001": numbers[0] if numbers else None}
        return 200, {"acknowledged": True}

    def _manage(self, what: str, indices: list[str], given: Any) -> Answer:
        policy = f"/_plugins/_ism/policies/{given['policy_id']}"
        streams = [kept for path, kept in self.kept.items() if STREAM.fullmatch(path)]
        if policy not in self.kept or not set(indices) <= {name for kept in streams for name in kept}:
            return 404, {"error": {"type": "index_not_found_exception"}}
        failed = []
        for kept in streams:
            for name in kept.keys() & set(indices):
                if (kept[name] is None) == (what == "add"):
                    kept[name] = self._numbers[policy]
                else:
                    failed.append(
                        {"index_name": name, "index_uuid": f"uuid {name}", "reason": "managed or not"}
                    )
        updated = len(indices) - len(failed)
        return 200, {"updated_indices": updated, "failures": bool(failed), "failed_indices": failed}

    def _keep(self, path: str, given: Any) -> Answer:
        if "password" in given and len(given["password"]) < SHORTEST_PASSWORD:
            return 400, {"error": "passwords must be at least [6] characters long"}
        if path.startswith("/_security/user/") and not path.endswith("_password"):
            unknown = [role for role in given["roles"] if f"/_security/role/{role}" not in self.kept]
            if unknown:
                return 400, {"error": f"no role {unknown}"}
        self.kept[path] = given
        return 200, {}

    def _put_policy(self, path: str, query: dict[str, list[str]], given: Any) -> Answer:
        if path in self.kept and query.get("if_seq_no") != [str(self._numbers[path])]:
            return 409, {"error": {"type": "version_conflict_engine_exception"}}
        self._numbers[path] = self._numbers.get(path, -1) + 1
        self.kept[path] = given
        return 201, {}

    def _import(self, query: dict[str, list[str]], headers: Any, body: bytes) -> Answer:
        if "kbn-xsrf" not in headers:
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        if not headers["Content-Type"].startswith("multipart/form-data") or b'.ndjson"' not in body:
            return 415, {"message": "expected a file .ndjson"}
        saved = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
        there = [one for one in saved if self._path(one) in self.kept]
        if there and query.get("overwrite") != ["true"]:
            return 200, {"success": False, "successCount": 0, "errors": [{"error": {"type": "conflict"}}]}
        ids = {one["id"] for one in saved}
        lost = [one["id"] for one in saved for reference in one["references"] if reference["id"] not in ids]
        if lost:
            return 200, {"success": False, "successCount": 0, "errors": [{"id": lost[0]}]}
        self.kept |= {self._path(one): one for one in saved}
        return 200, {"success": True, "successCount": len(saved)}

    @staticmethod
    def _path(saved: Any) -> str:
        return f"saved {saved['type']} {saved['id']}"


@contextmanager
def serving(double: ElasticDouble) -> Iterator[ElasticDouble]:
    """Serve the double on 127.0.0.1 until the context is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), answering(double.answer)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        double.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
