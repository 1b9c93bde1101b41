"""Reading the input document that a person names on the command line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lambdas.input_errors import InvalidInput
from lambdas.machine_fit import TypeFacts
from lambdas.production import Production
from lambdas.validate_input import check_document, check_limits, check_sizes, make_production
from organist.command_errors import InputFileError


def read_input(path: Path, run_seconds: int | None = None) -> dict[str, Any]:
    """Give the document, checked as validateInput checks it, but for what only an account knows.

    Parameters: ``run_seconds``, time on air in place of the document's.
    Raises: ``InputFileError`` that names every mistake.
    """
    document = _parse(path)
    if run_seconds is not None and isinstance(document, dict):
        document["runSeconds"] = run_seconds
    try:
        check_document(document)
        preview(document)
    except InvalidInput as error:
        raise InputFileError(f"{path}: {error}") from error
    return dict(document)


def preview(document: dict[str, Any]) -> Production:
    """Give the production that a good document means, for an execution that is made up.

    Raises: ``InvalidInput`` for one that AWS has no room for.
    """
    production = make_production(
        document, {"id": "preview", "name": "preview", "startTime": "2000-01-01T00:00:00Z"}
    )
    check_limits(production)
    return production


def size_warnings(document: dict[str, Any], facts: Mapping[str, TypeFacts]) -> list[str]:
    """Give validateInput's warnings of a good document's machines.

    Parameters: ``facts``, what is known of instance types; others are not judged.
    Raises: ``InputFileError`` for a type that cannot do its work.
    """
    try:
        return check_sizes(preview(document), facts)
    except InvalidInput as error:
        raise InputFileError(str(error)) from error


def _parse(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputFileError(
            f"{path} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. "
            "Nothing was started. step_functions/mediaInput.json is a document to begin with."
        ) from error
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path} is not text in UTF-8. Nothing was started.") from error
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}. Nothing was started.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise InputFileError(
        f"The document has the number {name}, which JSON does not have. Nothing was started."
    )
