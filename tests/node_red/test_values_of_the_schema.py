"""Whatever the input's schema takes, the media nodes take, too: else two machines start and then fail."""

import json
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.production.input_schema import find_mistakes, input_schema
from local_cloud import toolchain
from tools.media_rules import PLACES, WRITTEN

CHECK = f"""
const {{ fault }} = require({json.dumps(str(WRITTEN))})
const asked = JSON.parse(require('node:fs').readFileSync(0))
console.log(JSON.stringify(asked.map(([type, property, value]) => fault(type, property, value))))
"""
MACHINES = {
    "mixParams": {"instanceName": "mixer", "instanceType": "c6i.large"},
    "encodeParams": {"instanceName": "encoder", "instanceType": "c6i.large"},
}


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a property's schema may take; what it does not take is left out by the schema itself."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "integer":
        step = schema.get("multipleOf", 1)
        least, most = schema["minimum"] // step, schema["maximum"] // step
        return st.integers(least, most).map(lambda number: number * step)
    if schema["type"] == "number":
        return st.floats(schema["minimum"], schema["maximum"])
    pattern = schema.get("pattern", "")
    plain = st.from_regex(pattern, fullmatch=True) if "mp4" in pattern or "s3:" in pattern else st.nothing()
    emoji = st.text("\U0001f3ac\U0001f600$&`x", min_size=1, max_size=80)
    return plain | st.text(min_size=1, max_size=80) | emoji


def is_taken(section: str, name: str, value: Any) -> bool:
    return not find_mistakes({**MACHINES, section: {name: value}})


@pytest.mark.parametrize("place", PLACES, ids=".".join)
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_node_takes_what_the_schema_takes(place: tuple[str, str], data: st.DataObject) -> None:
    section, name = place
    schema = input_schema()["properties"][section]["properties"][name]
    strategy = values_of(schema).filter(lambda value: is_taken(section, name, value))
    values = data.draw(st.lists(strategy, min_size=40, max_size=60))
    if name == "title":
        values.append("\U0001f3ac" * 80)
    asked = [[*PLACES[place], value] for value in values]
    answer = subprocess.run(
        [str(toolchain.node()), "--eval", CHECK],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    refused = [
        (value, fault) for value, fault in zip(values, json.loads(answer.stdout), strict=True) if fault
    ]
    assert refused == []
