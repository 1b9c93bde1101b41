"""From SAM to plain CloudFormation, on the spot and without an account: what an account would be given."""

from copy import deepcopy
from typing import Any

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from organist.command_errors import CommandError


class SamTranslationError(CommandError):
    """The SAM template cannot be translated; the message names every mistake."""


def translate(template: dict[str, Any], region: str) -> dict[str, Any]:
    """Return the CloudFormation template that a SAM template means.

    Args:
        template: SAM's, in the long form of its functions (``{"Ref": "X"}``), its code and definitions
            already in S3; it is left as it is.
        region: Tells the partition of managed policies' ARNs.

    Raises:
        SamTranslationError: The SAM template cannot be translated; the message names every mistake.
    """
    # A session of its own: a translation must not depend on the person's profile. It makes no call.
    translator = Translator({}, Parser(), boto_session=boto3.Session("none", "none", region_name=region))
    try:
        translated: dict[str, Any] = translator.translate(deepcopy(template), parameter_values={})
    except InvalidDocumentException as error:
        mistakes = "\n".join(f"- {cause.message}" for cause in error.causes)
        raise SamTranslationError(
            f"The template is no valid SAM template. Mend template.yaml:\n{mistakes}"
        ) from error
    return translated
