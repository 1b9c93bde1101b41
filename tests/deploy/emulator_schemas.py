"""EventBridge's schemas for ministack, which has none: kept in memory, by the paths of the API.

https://docs.aws.amazon.com/eventbridge/latest/schema-reference/operations.html
"""

import json
import re
from typing import Any

from ministack import app
from ministack.core import router

Answer = tuple[int, dict[str, str], bytes]

REGISTRY = re.compile(r"/v1/registries/name/(?P<registry>[^/]+)")
SCHEMAS = re.compile(REGISTRY.pattern + "/schemas")
SCHEMA = re.compile(SCHEMAS.pattern + "/name/(?P<schema>[^/]+)")
VERSIONS = re.compile(SCHEMA.pattern + "/versions")

registries: dict[str, dict[str, Any]] = {}


def install() -> None:
    """Let ministack's server answer for the service, too."""
    router.SERVICE_PATTERNS["schemas"] = {}
    app.SERVICE_HANDLERS["schemas"] = answer_request


async def answer_request(method: str, path: str, _headers: Any, body: bytes, _query: Any) -> Answer:
    """Answer one request."""
    asked = json.loads(body) if body else {}
    if path == "/v1/registries":
        return _good({"Registries": [{"RegistryName": name} for name in registries]})
    if found := REGISTRY.fullmatch(path):
        return _registry(method, found["registry"], asked)
    for pattern, answer in ((VERSIONS, _versions), (SCHEMA, _schema), (SCHEMAS, _list)):
        if found := pattern.fullmatch(path):
            registry = registries.get(found["registry"])
            if registry is None:
                return _error(404, "NotFoundException", f"There is no registry {found['registry']}.")
            return answer(method, registry["schemas"], found.groupdict().get("schema", ""), asked)
    return _error(400, "BadRequestException", f"{method} {path} is not known here.")


def _registry(method: str, name: str, asked: dict[str, Any]) -> Answer:
    if method == "POST":
        if name in registries:
            return _error(409, "ConflictException", f"The registry {name} is there.")
        registries[name] = {"tags": asked.get("tags", {}), "schemas": {}}
    elif name not in registries:
        return _error(404, "NotFoundException", f"There is no registry {name}.")
    elif method == "DELETE":
        if registries[name]["schemas"]:
            return _error(400, "BadRequestException", f"The registry {name} is not empty.")
        del registries[name]
        return 204, {}, b""
    return _good({"RegistryName": name, "tags": registries[name]["tags"]})


def _schema(method: str, schemas: dict[str, list[str]], name: str, asked: dict[str, Any]) -> Answer:
    if method == "POST":
        if name in schemas:
            return _error(409, "ConflictException", f"The schema {name} is there.")
        schemas[name] = [asked["Content"]]
    elif name not in schemas:
        return _error(404, "NotFoundException", f"There is no schema {name}.")
    elif method == "PUT":
        schemas[name].append(asked["Content"])
    elif method == "DELETE":
        del schemas[name]
        return 204, {}, b""
    return _good({"SchemaName": name, "Content": schemas[name][-1], "SchemaVersion": f"{len(schemas[name])}"})


def _versions(_method: str, schemas: dict[str, list[str]], name: str, _asked: dict[str, Any]) -> Answer:
    numbers = range(1, len(schemas.get(name, ())) + 1)
    return _good({"SchemaVersions": [{"SchemaName": name, "SchemaVersion": f"{n}"} for n in numbers]})


def _list(_method: str, schemas: dict[str, list[str]], _name: str, _asked: dict[str, Any]) -> Answer:
    return _good({"Schemas": [{"SchemaName": name, "VersionCount": len(schemas[name])} for name in schemas]})


def _good(printed: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(printed).encode()


def _error(status: int, code: str, message: str) -> Answer:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, json.dumps({"Code": code, "Message": message}).encode()
