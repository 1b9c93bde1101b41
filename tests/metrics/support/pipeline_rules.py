"""What our pipeline files may have, and what the parser does not see.

The parser knows the syntax; it knows no plugins, takes an empty file, and an array without its commas.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logstash_pipeline_parser import Pipeline

# Each plugin's options, from its page below https://www.elastic.co/docs/reference/logstash/plugins/.
# opensearch: https://docs.opensearch.org/latest/tools/logstash/ship-to-opensearch/
ALLOWED: dict[str, dict[str, set[str]]] = {
    "input": {
        "http": {"port", "response_code", "codec", "ecs_compatibility"},
        "beats": {"port", "ecs_compatibility"},
        "pipeline": {"address"},
    },
    "filter": {
        "mutate": {"rename", "add_field", "remove_field", "add_tag"},
        "date": {"match", "target"},
    },
    "output": {
        "pipeline": {"send_to"},
        "elasticsearch": {
            *("hosts", "user", "password"),
            *("data_stream", "data_stream_auto_routing", "ecs_compatibility"),
        },
        "opensearch": {
            *("hosts", "user", "password", "action", "index"),
            *("manage_template", "ecs_compatibility"),
        },
    },
    "codec": {"json": {"ecs_compatibility"}},
}
BRANCHES = ("if", "else if", "else")


def broken_rules(file: Path) -> Iterator[str]:
    """Yield what is wrong with a file, in words; what the parser refuses it raises."""
    text = file.read_text()
    sections = Pipeline(text).parse()
    names = [section for section, _ in sections]
    if sorted(names) != sorted(set(names)) or not {"input", "output"} <= set(names) <= set(ALLOWED):
        yield f"the sections are {names}"
    for section, plugins in sections:
        yield from _plugins(section, plugins)
    yield from _arrays_without_commas(text)


def plugins_of(file: Path, section: str) -> dict[str, dict[str, Any]]:
    """The options of each plugin of a section outside of any condition, by its name."""
    return {
        name: {option: value[0] for option, value in content}
        for part, plugins in Pipeline.from_file(file).parse()
        if part == section
        for name, content in plugins
        if name not in BRANCHES
    }


def _plugins(section: str, plugins: list[Any]) -> Iterator[str]:
    for name, content in plugins:
        if name in BRANCHES:
            yield from _plugins(section, content if name == "else" else content[-1][0])
            continue
        if name not in ALLOWED[section]:
            yield f"{section} has the plugin {name}"
            continue
        for option, value in content:
            if option not in ALLOWED[section][name]:
                yield f"{section} {name} has the option {option}"
            if option == "codec":
                yield from _plugins("codec", value if isinstance(value[0], list) else [[value[0], []]])


def _arrays_without_commas(text: str) -> Iterator[str]:
    """Two texts beside each other, with nothing but space between, within brackets."""
    depth, last, inside, comment = 0, "", "", False
    for character in text:
        if comment:
            comment = character != "\n"
        elif inside:
            inside = "" if character == inside else inside
            last = "text"
        elif character == "#":
            comment = True
        elif character in "\"'":
            if depth and last == "text":
                yield "an array lacks a comma between two texts"
            inside = character
        elif not character.isspace():
            depth += {"[": 1, "]": -1}.get(character, 0)
            last = character
