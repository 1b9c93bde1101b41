"""The templates as an account is given them: translated from SAM, the task definitions' files merged in.

Run as a program it writes them, for the linter: ``python -m tests.unit.template.plain FOLDER``.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local_cloud.paths import REPOSITORY
from organist.deploy.package.monitoring_source import monitoring_template
from organist.deploy.package.packaged_template import Uploaded, package_template

Template = dict[str, Any]

REGION = "eu-west-1"
UPLOADED = Uploaded(
    "a-bucket", "organist/lambda-0.zip", "organist/definition-0.json", "https://s3.example/monitoring.json"
)


@cache
def _source() -> Template:
    template: dict[str, Any] = yaml_parse((REPOSITORY / "template.yaml").read_text())
    return template


@cache
def _plain() -> Template:
    return package_template(_source(), UPLOADED, REPOSITORY, REGION)


def source_template() -> Template:
    """The template as it stands in the repository, in the long form."""
    return deepcopy(_source())


def plain_template() -> Template:
    """The template as CloudFormation gets it."""
    return deepcopy(_plain())


@cache
def _monitoring() -> Template:
    template: Template = json.loads(monitoring_template(REPOSITORY))
    return template


def plain_monitoring() -> Template:
    """The nested template of the monitoring, as CloudFormation gets it."""
    return deepcopy(_monitoring())


def resources_of(template: Template, kind: str) -> dict[str, Any]:
    """The properties of every resource of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text within a value, with the way to it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, (*path, str(key)))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from texts(part, (*path, str(index)))
    elif isinstance(value, str):
        yield path, value


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, template in (("template", plain_template()), ("monitoring", plain_monitoring())):
        (folder / f"{file}.json").write_text(json.dumps(template, indent=1))
