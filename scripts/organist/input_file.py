"""Reading the input document that a person names on the command line."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lambdas.engines.production_plan import make_production
from lambdas.production.errors import InvalidInput
from lambdas.production.machines.machine_fit import TypeFacts
from lambdas.production.model import Production
from lambdas.validate_input import check_document, check_limits, check_sizes
from organist.command_errors import InputFileError

BYTE_ORDER_MARK = "\ufeff"


def read_input(path: Path, run_seconds: int | None = None) -> dict[str, Any]:
    """Return the document, checked as validateInput checks it, but for what only an account knows.

    Args:
        path: The file.
        run_seconds: Time on air in place of the document's.

    Raises:
        InputFileError: Names every mistake.
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
    """Return the production that a good document means, for an execution that is made up.

    Raises:
        InvalidInput: AWS has no room for the document.
    """
    production = make_production(
        document, {"id": "preview", "name": "preview", "startTime": "2000-01-01T00:00:00Z"}
    )
    check_limits(production)
    return production


def size_warnings(document: dict[str, Any], facts: Mapping[str, TypeFacts]) -> list[str]:
    """Return validateInput's warnings of a good document's machines.

    Args:
        document: A valid document.
        facts: What is known of instance types; others are not judged.

    Raises:
        InputFileError: A type cannot do its work.
    """
    try:
        return check_sizes(preview(document), facts)
    except InvalidInput as error:
        raise InputFileError(str(error)) from error


def _parse(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path} is not text in UTF-8. Nothing was started.") from error
    except OSError as error:
        raise InputFileError(f"{path} cannot be read: {error.strerror}. Nothing was started.") from error
    if text.startswith(BYTE_ORDER_MARK):
        raise InputFileError(
            f"{path} begins with a byte-order mark, which JSON does not have. Save it as UTF-8 without one. "
            "Nothing was started."
        )
    try:
        return json.loads(text, parse_constant=_refuse_number, parse_float=_number, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InputFileError(
            f"{path} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. "
            "Nothing was started. step_functions/mediaInput.json is a document to begin with."
        ) from error
    except _WrongJsonError as error:
        raise InputFileError(f"{path} {error}. Nothing was started.") from error
    except RecursionError as error:
        raise InputFileError(f"{path} is nested too deeply for any document. Nothing was started.") from error
    except ValueError as error:  # Python reads no number of more than 4,300 digits
        raise InputFileError(f"{path} has a number of thousands of digits. Nothing was started.") from error


class _WrongJsonError(Exception):
    """Python reads it, JSON or Step Functions does not."""


def _refuse_number(text: str) -> NoReturn:
    raise _WrongJsonError(f"has the number {text}, which JSON does not have")


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        _refuse_number(text)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = Counter(name for name, _ in pairs)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise _WrongJsonError(f'has the property "{twice[0]}" {names[twice[0]]} times in one object')
    return dict(pairs)
