"""The fields of the index templates, as a server puts them together."""

from typing import Any

from logstash.setup.templates import component_templates, index_templates


def mapped_fields(template: str) -> dict[str, str]:
    """The type of each field of an index template, components and all, by its name with dots."""
    found: dict[str, str] = {}
    definition = index_templates()[template]
    components = component_templates()
    for part in (
        *(components[name]["template"] for name in definition["composed_of"]),
        definition["template"],
    ):
        found |= types_of(part.get("mappings", {}).get("properties", {}))
    return found


def template_of(data_stream: str) -> str:
    """The index template that a data stream has."""
    (found,) = [
        name for name, template in index_templates().items() if data_stream in template["index_patterns"]
    ]
    return found


def types_of(properties: dict[str, Any], above: str = "") -> dict[str, str]:
    """The type of each field of a mapping's properties, by its name with dots."""
    found: dict[str, str] = {}
    for name, field in properties.items():
        if "properties" in field:
            found |= types_of(field["properties"], f"{above}{name}.")
        else:
            found[above + name] = field["type"]
    return found
