"""Metricbeat's documents say whose they are, whatever a production's id looks like."""

import hashlib
import json
from typing import Any

import pytest
import yaml

from local_cloud.paths import REPOSITORY
from tests.metrics.recorded import write_metricbeat
from tests.metrics.support.beats_model import NotModelledError, configuration, value
from tests.metrics.support.recordings import leaving, recorded

METRICBEAT = REPOSITORY / "logstash" / "metricbeat" / "metricbeat.yml"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("94214e97", 9.4214e101),
        ("00910493", 910493.0),
        ("01234567", 0o1234567),
        ("12345678", 12345678),
        ("1234e999", "1234e999"),  # too large for a number
        ("true", True),
        ("on", True),
        ("F", False),
        ("null", None),
        ("0x1f", 31),
        ("a,1", ["a", 1]),
        ("mixer-94214e97", "mixer-94214e97"),
        ("10.0.0.5:5044", "10.0.0.5:5044"),
        ('"94214e97"', "94214e97"),
        ("'true'", "true"),
        ("", None),
    ],
)
def test_how_beats_reads_a_text(text: str, read: Any) -> None:
    found = value(text)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize("text", ["[1, 2]", '"a', '"a" b', r'"a\"b"'])
def test_what_the_model_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises(NotModelledError):
        value(text)


def test_every_id_stays_what_it_is() -> None:
    read = yaml.safe_load(METRICBEAT.read_text())
    ids = [hashlib.sha256(str(number).encode()).hexdigest()[:8] for number in range(10_000)]
    assert sum(not isinstance(value(one), str) for one in ids) > 50  # one in 125
    wrong = []
    for one in [*ids, "94214e97", "00910493", "01234567", "00123456", "1e5", "true", "null"]:
        settings = configuration(
            read, {"INSTANCE_NAME": one, "PRODUCTION_ID": one, "LOG_HOSTNAME": "10.0.0.5"}
        )
        told = [settings["name"], *settings["fields"]["organist"]["instance"].values()]
        told += settings["fields"]["organist"]["production"].values()
        wrong += [one] if told != [one] * 3 else []
        assert settings["output"]["logstash"]["hosts"] == ["10.0.0.5:5044"]
    assert wrong == []


def test_without_a_production_it_says_so() -> None:
    settings = configuration(yaml.safe_load(METRICBEAT.read_text()), {})
    assert settings["fields"]["organist"] == {"instance": {"name": "none"}, "production": {"id": "none"}}
    assert settings["output"]["logstash"]["hosts"] == ["localhost:5044"]


def test_the_written_documents_are_those_of_this_configuration() -> None:
    written = [json.dumps(document) for document in write_metricbeat.documents()]
    assert written == [json.dumps(document) for document in recorded("metricbeat")]


@pytest.mark.parametrize("production", write_metricbeat.PRODUCTIONS)
def test_containers_and_machines_are_found_by_their_production(production: str) -> None:
    told = {
        event["event"]["dataset"]
        for event in leaving()
        if event["event"]["dataset"].startswith(("docker", "system"))
        and event["organist"]["production"]["id"] == production
    }
    assert len(told) == 6
