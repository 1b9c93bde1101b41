"""Recorded documents in both stand-in servers: nothing refused, and each panel's query gives its figures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.metrics.support.panels import Panel, panels
from tests.metrics.support.recordings import data_stream, leaving, sent_by_http
from tests.metrics.support.stores import Store, elasticsearch, opensearch
from tests.metrics.support.template_fields import mapped_fields, template_of, types_of

CHAIN = {"chain": "mixer", "frames": 1, "timestamp": "2026-11-23T03:18:22.022Z"}
DOCUMENTS = "metrics-*-organist"


@pytest.mark.parametrize("stream", sorted({data_stream(event) for event in leaving()}))
def test_a_data_stream_has_the_mapping_of_its_template(store: Store, stream: str) -> None:
    (found,) = store.get(f"/{stream}/_mapping").values()
    assert types_of(found["mappings"]["properties"]) == mapped_fields(template_of(stream))


def test_every_document_is_there(store: Store) -> None:
    answer = store.search(DOCUMENTS, {"size": 0, "track_total_hits": True})
    assert answer["hits"]["total"]["value"] >= len(leaving())


@pytest.mark.parametrize("panel", list(panels()), ids=lambda panel: panel.name)
def test_a_panels_query_gives_the_recorded_figures(store: Store, panel: Panel) -> None:
    lines = store.search(DOCUMENTS, panel.query("10s"))["aggregations"]["lines"]["buckets"]
    found = {line["key"]: line["figure"]["value"] for line in lines}
    assert found == pytest.approx(panel.expected(leaving()))
    for line in lines:
        points = [point["figure"]["value"] for point in line["time"]["buckets"]]
        known = [point for point in points if point is not None]
        assert known
        if panel.metric == "max":
            assert max(known) == found[line["key"]]


def test_a_production_is_found_by_its_name(store: Store) -> None:
    query = {"size": 0, "query": {"term": {"organist.production.id": "d5a268a6"}}}
    assert store.search(DOCUMENTS, query)["hits"]["total"]["value"] > 100
    query["query"] = {"term": {"organist.production.id": "another"}}
    assert store.search(DOCUMENTS, query)["hits"]["total"]["value"] == 0


def test_what_is_unknown_is_kept_and_found_by_its_tag(store: Store) -> None:
    unknown = [sent_by_http({"temperature": {"kitchen": 21}}), sent_by_http({"temperature": "hot"})]
    # Two shapes of one name would be a conflict where it was mapped.
    assert [item["status"] for item in store.bulk(unknown)] == [201, 201]
    query = {"query": {"term": {"tags": "unknown_document"}}}
    found = store.search(DOCUMENTS, query)["hits"]["hits"]
    assert {"kitchen": 21} in [hit["_source"]["temperature"] for hit in found]


def test_a_figure_that_is_none_is_refused(store: Store) -> None:
    """Logstash keeps it in its dead-letter queue; no chart is drawn from it."""
    (item,) = store.bulk([sent_by_http({"media": CHAIN | {"frames": "many"}})])
    assert item["status"] == 400
    assert "frames" in str(item["error"])


def test_a_name_without_a_mapping_stays_without(store: Store) -> None:
    assert [item["status"] for item in store.bulk([sent_by_http({"media": CHAIN | {"colour": "red"}})])] == [
        201
    ]
    (found,) = store.get("/metrics-media.chain-organist/_mapping").values()
    assert types_of(found["mappings"]["properties"]) == mapped_fields("organist-media.chain")


@pytest.mark.parametrize("server", [elasticsearch, opensearch])
def test_the_data_view_has_every_field_before_the_first_document(
    server: Callable[[Path], AbstractContextManager[Store]], tmp_path: Path
) -> None:
    """One that matches nothing makes every chart an error, as long as nothing was produced."""
    with server(tmp_path) as fresh:
        known = fresh.get(f"/{DOCUMENTS}/_field_caps?fields=*")["fields"]
    assert {field for panel in panels() for field in (panel.field, panel.by)} <= set(known)
