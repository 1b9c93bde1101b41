"""What becomes of recorded documents, by the model of the filter stage that runs the files themselves."""

import pytest

from tests.metrics.support.logstash_model import NotModelledError, run_filter
from tests.metrics.support.recordings import (
    BEATS,
    SENT,
    data_stream,
    fields,
    leaving,
    recorded,
    sent_by_http,
)

CHAIN = {
    "host": "mixer-1",
    "instanceName": "mixer-700323d8",
    "productionId": "700323d8",
    "chain": "mixer",
    "state": "running",
    "frames": 1085,
    "frameRate": 24.94,
    "bitRate": 4967773,
    "droppedFrames": 2,
    "duplicatedFrames": 1,
    "speed": 1.01,
    "linkLatencyMs": 310.5,
    "linkLostPackets": 7,
    "linkReconnects": 3,
    "integratedLufs": -23.1,
    "truePeakDbtp": -4.2,
    "restarts": 0,
    "timestamp": "2026-11-23T03:18:22.022Z",
}


def test_every_recorded_document_is_recognised() -> None:
    events = leaving()
    assert not [event for event in events if "unknown_document" in event.get("tags", [])]
    assert {data_stream(event) for event in events} == {
        "metrics-media.chain-organist",
        "metrics-media.output-organist",
        "metrics-nodered.process-organist",
        "metrics-nodered.flow-organist",
        *(f"metrics-docker.{kind}-organist" for kind in ("cpu", "memory", "network")),
        *(f"metrics-system.{kind}-organist" for kind in ("cpu", "memory", "network")),
    }


def test_no_figure_of_a_recorded_document_is_lost() -> None:
    """Whatever a sender's document holds is somewhere in what leaves Logstash."""
    sent = [line for name in SENT for line in recorded(name)]
    for line, event in zip(sent, leaving(), strict=False):
        (document,) = line["document"].values()
        kept = fields(event).values()
        lost = {name for name, value in document.items() if value is not None and value not in kept}
        assert lost <= set(), (line, event)


def test_a_chain_with_its_units() -> None:
    assert fields(sent_by_http({"media": CHAIN})) == {
        "@timestamp": "2026-11-23T03:18:22.022Z",
        "data_stream.type": "metrics",
        "data_stream.dataset": "media.chain",
        "data_stream.namespace": "organist",
        "event.dataset": "media.chain",
        "host.ip": "10.0.0.4",
        "host.name": "mixer-1",
        "organist.production.id": "700323d8",
        "organist.instance.name": "mixer-700323d8",
        "media.chain.name": "mixer",
        "media.chain.state": "running",
        "media.chain.frames": 1085,
        "media.chain.frame_rate": 24.94,
        "media.chain.bit_rate": 4967773,
        "media.chain.dropped_frames": 2,
        "media.chain.duplicated_frames": 1,
        "media.chain.speed": 1.01,
        "media.chain.link_latency_ms": 310.5,
        "media.chain.link_lost_packets": 7,
        "media.chain.link_reconnects": 3,
        "media.chain.integrated_lufs": -23.1,
        "media.chain.true_peak_dbtp": -4.2,
        "media.chain.restarts": 0,
    }


def test_dynamorse_says_no_time_so_it_is_that_of_arrival() -> None:
    document = {"nodeJS": {"host": "4f6c0e1b9d7a", "pid": 7, "rss": 1, "heapTotal": 2, "heapUsed": 3}}
    event = sent_by_http(document, received="2026-11-23T03:16:28.715+00:00")
    assert event["@timestamp"] == "2026-11-23T03:16:28.715+00:00"
    assert event["host"] == {"name": "4f6c0e1b9d7a", "ip": "10.0.0.4"}


@pytest.mark.parametrize("work", [-1, -2_147_483_648])
def test_a_wrapped_figure_is_flagged_and_counts_for_nothing(work: int) -> None:
    flow = {"nodeID": "a.1", "nodeWorkAvg": work}
    event = sent_by_http({"redioactive": flow})
    assert event["nodered"]["flow"]["work_average_wrapped_ns"] == work
    assert "work_average_ns" not in event["nodered"]["flow"]
    assert event["tags"] == ["work_average_wrapped"]


@pytest.mark.parametrize("work", [0, 2_147_483_647])
def test_a_figure_that_is_one_stays(work: int) -> None:
    event = sent_by_http({"redioactive": {"nodeID": "a.1", "nodeWorkAvg": work}})
    assert event["nodered"]["flow"]["work_average_ns"] == work
    assert "tags" not in event


def test_a_wrapped_figure_was_recorded() -> None:
    wrapped = [event for event in leaving() if "work_average_wrapped" in event.get("tags", [])]
    assert len(wrapped) == 10
    assert all(event["nodered"]["flow"]["work_average_wrapped_ns"] < 0 for event in wrapped)


@pytest.mark.parametrize(
    "document",
    [
        {"temperature": 21},
        {},
        {"media": "a text"},
        {"media": {"state": "running"}},
        {"nodeJS": {"pid": 1}},
        {"redioactive": []},
        {"data_stream": {"dataset": "somebody.else"}, "tags": ["mine"]},
    ],
)
def test_what_is_unknown_is_kept_whole_and_marked(document: dict[str, object]) -> None:
    event = sent_by_http(document)
    assert data_stream(event) == "metrics-unknown-organist"
    assert "unknown_document" in event["tags"]
    for name, value in document.items():
        if name not in ("data_stream", "tags"):
            assert event[name] == value


def test_a_time_that_is_none_is_marked() -> None:
    event = sent_by_http({"media": CHAIN | {"timestamp": "yesterday"}})
    assert event["tags"] == ["_dateparsefailure"]
    assert event["media"]["chain"]["frames"] == CHAIN["frames"]


@pytest.mark.parametrize("dataset", ["kafka.broker", "docker.cpu.evil", "docker.*", None])
def test_what_metricbeat_was_not_asked_for_is_marked(dataset: str | None) -> None:
    event = run_filter(BEATS, {"@timestamp": "2026-11-23T03:16:28Z", "event": {"dataset": dataset}})
    assert data_stream(event) == "metrics-unknown-organist"
    assert event["tags"] == ["unknown_document"]


def test_the_model_refuses_what_it_does_not_know(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("model") / "new.conf"
    for text in ("ruby { code => 'x' }", "mutate { uppercase => [ 'a' ] }", "if [a] != 1 { }"):
        file.write_text(f"filter {{ {text} }}")
        with pytest.raises(NotModelledError):
            run_filter(file, {"a": 1})
