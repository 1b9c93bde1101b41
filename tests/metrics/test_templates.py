"""The templates: every field that is sent is mapped, every field that is mapped is sent."""

import pytest

from logstash.setup.templates import component_templates, index_templates
from tests.metrics.support.recordings import data_stream, fields, leaving
from tests.metrics.support.template_fields import mapped_fields, template_of

OURS = ("organist-media.chain", "organist-media.output", "organist-nodered.process", "organist-nodered.flow")
# By hand only, or by Elasticsearch itself.
NEVER_RECORDED = {"event.module"}


def sent(template: str) -> set[str]:
    """Every field of the recorded documents that have this template."""
    return {
        name for event in leaving() if template_of(data_stream(event)) == template for name in fields(event)
    }


@pytest.mark.parametrize("template", OURS)
def test_every_field_that_is_sent_is_mapped(template: str) -> None:
    assert sent(template) <= set(mapped_fields(template))


@pytest.mark.parametrize("template", sorted(set(index_templates()) - {"organist-unknown"}))
def test_every_figure_that_is_mapped_is_sent(template: str) -> None:
    own = {
        name
        for name in mapped_fields(template)
        if name.split(".")[0] not in ("host", "process", "event", "tags")
    }
    # dynamorse names no production, so only documents of media nodes have one.
    optional = {"organist.production.id", "organist.instance.name"} if template.endswith("flow") else set()
    assert own - optional <= sent(template)


@pytest.mark.parametrize("template", sorted(index_templates()))
def test_a_template_has_its_components_and_is_a_data_streams(template: str) -> None:
    definition = index_templates()[template]
    assert set(definition["composed_of"]) <= set(component_templates())
    assert definition["data_stream"] == {}
    # Elastic's own templates for metrics-*-* have 100, an integration's 200.
    assert definition["priority"] > 200


def test_nobody_elses_data_streams_are_touched() -> None:
    """The namespace is ours: the same Elasticsearch may have others' metrics-docker.cpu-default."""
    patterns = [pattern for template in index_templates().values() for pattern in template["index_patterns"]]
    assert len(patterns) == len(set(patterns))
    assert all(pattern.endswith("-organist") and "*" not in pattern for pattern in patterns)


def test_documents_are_kept_for_a_time_that_is_said() -> None:
    kept = [component["template"].get("lifecycle") for component in component_templates().values()]
    assert [one for one in kept if one] == [{"data_retention": "30d"}]


def test_a_field_that_nobody_expected_makes_no_mapping() -> None:
    """It is kept, and not searched: a sender cannot fill the mapping."""
    mappings = component_templates()["organist-origin"]["template"]["mappings"]
    assert mappings["dynamic"] is False
    assert mappings["date_detection"] is False


def test_units_stand_in_the_names_of_figures() -> None:
    units = ("_bytes", "_ns", "_ms", "_per_second", "_ratio", "_lufs", "_dbtp")
    rates = {"frame_rate", "bit_rate", "speed"}  # frames/s, bit/s, and 1 is real time: as everybody says them
    counts = {"frames", "dropped_frames", "duplicated_frames", "restarts", "grains", "buffered_grains", "pid"}
    counts |= {"link_lost_packets", "link_reconnects"}
    for template in OURS:
        for name, kind in mapped_fields(template).items():
            last = name.split(".")[-1]
            if kind in ("long", "double"):
                assert last.endswith(units) or last in counts | rates, name
