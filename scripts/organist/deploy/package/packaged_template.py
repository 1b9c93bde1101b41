"""template.yaml with its local files replaced by what was uploaded, translated from SAM."""

import json
import logging
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organist.command_errors import CommandError
from organist.deploy.package.task_definition import resolve_task_definitions

# Longer templates go by S3.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LONGEST_BODY_BYTES = 51_200
LONGEST_TEMPLATE_BYTES = 1_000_000
_STATE_MACHINE = "AWS::Serverless::StateMachine"
_NESTED = "AWS::CloudFormation::Stack"


class TemplateTooLongError(CommandError):
    """The template is longer than CloudFormation takes."""


@dataclass(frozen=True)
class Uploaded:
    """What is in the deployment's bucket.

    The keys of the functions' code and of the state machine's definition, and the address of the nested
    stack's template.
    """

    bucket: str
    code: str
    definition: str
    monitoring_url: str


def package_template(
    template: dict[str, Any], uploaded: Uploaded, repository: Path, region: str
) -> dict[str, Any]:
    """Return a plain CloudFormation template in which nothing refers to a local file.

    Translated here rather than by the service, so that the tests and every emulator see what an account sees.

    Args:
        template: The SAM template.
        uploaded: What it refers to, in S3.
        repository: The checkout, for the files that are merged into it.
        region: Where the stack will be.

    Raises:
        SamTranslationError: The SAM template cannot be translated; the message names every mistake.
    """
    # Not before it is needed: the translator takes a second to load.
    from organist.deploy.package.sam_translation import translate  # noqa: PLC0415

    # It warns of metrics of its own, which are nobody's here.
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)
    packaged = deepcopy(template)
    packaged["Globals"]["Function"]["CodeUri"] = {"Bucket": uploaded.bucket, "Key": uploaded.code}
    for resource in packaged["Resources"].values():
        if resource["Type"] == _STATE_MACHINE:
            location = {"Bucket": uploaded.bucket, "Key": uploaded.definition}
            resource["Properties"]["DefinitionUri"] = location
        elif resource["Type"] == _NESTED:
            resource["Properties"]["TemplateURL"] = uploaded.monitoring_url
    resolve_task_definitions(packaged, repository)
    translated: dict[str, Any] = translate(packaged, region)
    return translated


def template_text(template: dict[str, Any]) -> str:
    """Return a template as text, the same each time.

    Raises:
        TemplateTooLongError: The template is longer than CloudFormation takes.
    """
    text = json.dumps(template, separators=(",", ":"), sort_keys=True)
    if len(text.encode()) > LONGEST_TEMPLATE_BYTES:
        raise TemplateTooLongError(
            f"The template is {len(text.encode()):,} bytes; CloudFormation takes {LONGEST_TEMPLATE_BYTES:,}."
        )
    return text
