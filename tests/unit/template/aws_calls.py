"""Which AWS calls a handler can come to, read from its source: what its role has to allow, and no more."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from local_cloud.paths import REPOSITORY

LAMBDAS = REPOSITORY / "lambdas"
# The names that clients go by in this code, and the services as policies call them.
CLIENTS = {"ec2": "ec2", "ecs": "ecs", "s3": "s3", "ssm": "ssm", "sfn": "states"}
# The first argument of these is the operation that is meant; a signed URL may do what its signer may.
_NAMED_BY_ARGUMENT = {"get_paginator", "generate_presigned_url"}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
# and, of multipart uploads, https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuAndPermissions.html
_PERMISSIONS = {
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "DeleteObjects": "DeleteObject",
}

Name = tuple[str, str]
"""A module of lambdas/ and a function or class in it."""


@dataclass
class Definition:
    """What a function or class calls of AWS, and what else of lambdas/ it mentions."""

    calls: set[str] = field(default_factory=set)
    mentions: set[Name] = field(default_factory=set)


def aws_calls(module: str) -> set[str]:
    """The AWS calls that the handler of a module can come to, each ``service:Action``."""
    return {call for name in reachable(module) for call in _definitions()[name].calls}


def reachable(module: str) -> set[Name]:
    """Every function and class that the handler of a module can come to."""
    seen: set[Name] = set()
    waiting: list[Name] = [(module, "handler")]
    while waiting:
        name = waiting.pop()
        if name not in seen and name in _definitions():
            seen.add(name)
            waiting += _definitions()[name].mentions
    return seen


@cache
def _definitions() -> dict[Name, Definition]:
    return {
        (_dotted(path), name): definition
        for path in sorted(LAMBDAS.rglob("*.py"))
        for name, definition in _read(path)
    }


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(LAMBDAS).with_suffix("").parts)


def _read(path: Path) -> Iterator[tuple[str, Definition]]:
    tree = ast.parse(path.read_text())
    scope: dict[str, Name] = {}
    # Anywhere: what few cold starts need is imported in a function.
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lambdas."):
            module = (node.module or "").removeprefix("lambdas.")
            scope |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            scope[node.name] = (_dotted(path), node.name)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, _define(node, scope)


def _define(node: ast.AST, scope: dict[str, Name]) -> Definition:
    definition = Definition()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in scope:
            definition.mentions.add(scope[part.id])
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in scope:
            module = ".".join(scope[part.value.id])  # a module of which a function is meant
            definition.mentions.add((module, part.attr))
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            service = CLIENTS.get(_client_name(part.func.value))
            if service:
                definition.calls |= {f"{service}:{operation}" for operation in _operation(part)}
    return definition


def _client_name(value: ast.expr) -> str:
    if isinstance(value, ast.Attribute):  # self._ec2
        return value.attr.removeprefix("_")
    return value.id if isinstance(value, ast.Name) else ""


def _operation(call: ast.Call) -> Iterator[str]:
    assert isinstance(call.func, ast.Attribute)
    method = call.func.attr
    if method in _NAMED_BY_ARGUMENT:
        operation = call.args[0]
        assert isinstance(operation, ast.Constant)
        method = str(operation.value)
    name = "".join(word.capitalize() for word in method.split("_"))
    yield _PERMISSIONS.get(name, name)
