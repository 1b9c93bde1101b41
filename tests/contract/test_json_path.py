"""JSONPath as Step Functions reads it, where moto does not."""

from typing import Any

import pytest
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from local_cloud.moto_patches.stepfunctions import json_path

DATA: dict[str, Any] = {
    "x": [{"y": 1, "deep": {"z": 2}}, {"y": 3}],
    "one": [{"y": 4}],
    "empty": [],
    "a-b": {"c": None},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.x[0].y", 1),
        ("$.x[1]['y']", 3),
        ("$['x'][0]['y']", 1),
        ("$.x[0]", {"y": 1, "deep": {"z": 2}}),
        ("$.x[0].deep.z", 2),
        ("$['a-b'].c", None),
        ("$.empty", []),
        ("$.x[-1].y", 3),
        ("$", DATA),
    ],
)
def test_definite_path_gives_the_value(path: str, value: Any) -> None:
    assert json_path.extract_json(path, DATA) == value


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("$.x[*].y", [1, 3]),
        ("$.one[*].y", [4]),
        ("$.x[*].nothing", []),
        ("$.empty[*]", []),
        ("$.x[0:1].y", [1]),
        ("$.x[0,1].y", [1, 3]),
        ("$..z", [2]),
        ("$.x[?(@.y==3)].y", [3]),
        ("$.x[?(@.y==9)]", []),
    ],
)
def test_indefinite_path_gives_a_list(path: str, values: list[Any]) -> None:
    assert json_path.extract_json(path, DATA) == values


@pytest.mark.parametrize("path", ["$.nothing", "$.x[7]", "$.x[0].nothing"])
def test_definite_path_to_nothing_is_an_error(path: str) -> None:
    with pytest.raises(NoSuchJsonPathError, match="could not be found in the input"):
        json_path.extract_json(path, DATA)


def test_the_modules_that_hold_the_replaced_function_are_these() -> None:
    # Should moto import it elsewhere, the list says where to look.
    base = "moto.stepfunctions.parser.asl"
    operators = f"{base}.component.state.choice.comparison.operator"
    assert set(json_path.importers()) == {
        f"{base}.utils.json_path",
        f"{base}.eval.states",
        f"{base}.component.common.string.string_expression",
        f"{base}.component.intrinsic.argument.argument",
        f"{operators}.factory",
        *(
            f"{operators}.implementations.{name}"
            for name in ("boolean_equals", "numeric", "string_operators", "timestamp_operators")
        ),
    }
