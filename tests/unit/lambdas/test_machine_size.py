"""Whether machines are large enough for their work: what is refused, what is warned of, by which figures."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.ec2.models.instance_types import INSTANCE_TYPES

from lambdas.engines.production_plan import make_production
from lambdas.modules.catalogue import Engine
from lambdas.production.errors import InvalidInput
from lambdas.production.machines.machine_fit import RESERVED_MIB, TypeFacts, known_types, suggest
from lambdas.production.machines.machine_need import Need, machine_need, machine_sizes
from lambdas.production.machines.machine_types import find_types
from lambdas.production.model import ENCODER, MIXER
from lambdas.validate_input import check_document, check_sizes

REPOSITORY = Path(__file__).parents[3]
EXECUTION = {"id": "arn:evening-news", "name": "evening-news", "startTime": "2026-11-22T19:00:00Z"}
FILE = {"kind": "file", "location": "/media/one.mp4"}
MACHINE_KEYS = ("mixParams", "encodeParams")


def example(name: str = "mediaInput", kind: Any = None, **more: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((REPOSITORY / "step_functions" / f"{name}.json").read_text()) | more
    for key in MACHINE_KEYS if kind else ():
        read[key] = read[key] | {"instanceType": kind}
    return read


def warnings(document: dict[str, Any], facts: dict[str, TypeFacts] | None = None) -> list[str]:
    check_document(document)
    return check_sizes(make_production(document, EXECUTION), facts or known_types())


def mistakes(document: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        warnings(document)
    return refused.value.mistakes


@pytest.mark.parametrize("document", [example(), {key: example()[key] for key in MACHINE_KEYS}])
def test_the_examples_are_large_enough(document: dict[str, Any]) -> None:
    assert warnings(document) == []


def test_the_document_of_2017_is_valid_and_warned_of() -> None:
    mixer, encoder = warnings(example("dynamicInput"))
    assert mixer.startswith(
        "$.mixParams.instanceType: t2.micro sustains 0.10 of 1 vCPU in the long run, and mixing 1280x720"
    )
    assert encoder.startswith("$.encodeParams.instanceType: t2.micro sustains 0.10 of 1 vCPU")
    for message in (mixer, encoder):
        assert "dynamorse was never measured" in message
        assert "Launch credits, where the account gets any, last" in message
        assert "(the machine lives up to 22)" in message
        assert message.endswith("c6i.large would do")


def test_a_type_with_less_memory_than_the_task_reserves_is_refused() -> None:
    message, _ = mistakes(example(kind="t2.nano"))
    assert message.startswith(
        '$.mixParams.instanceType is "t2.nano", which has 512 MiB; expected 768 at the least'
    )
    assert message.endswith("c6i.large would do")


@pytest.mark.parametrize("family", ["Node-RED-family", "Node-RED-dynamorse-family"])
def test_what_is_kept_for_the_task_is_what_its_definition_reserves(family: str) -> None:
    (container,) = json.loads((REPOSITORY / "tasks" / f"{family}.json").read_text())["containerDefinitions"]
    assert container["memoryReservation"] == RESERVED_MIB


def test_a_source_that_is_recorded_by_itself_costs_the_mixer_an_encoding() -> None:
    def need(role: str, **output: Any) -> Need:
        document = make_production(example(sources=[FILE, FILE], output=output), EXECUTION)
        return machine_need(role, Engine.MEDIA, dict(document))

    alone, both = need(MIXER), need(MIXER, recordSources=True)
    encoding = need(ENCODER)
    assert both.cpu == pytest.approx(alone.cpu + 2 * encoding.cpu)
    assert both.least_cpu == pytest.approx(alone.least_cpu + 2 * encoding.cpu)
    pixels = 1280 * 720
    assert both.memory_mib == pytest.approx(alone.memory_mib + 2 * (150 + 54 * pixels / 1e6))
    assert need(ENCODER, recordSources=True) == encoding


def test_work_for_more_than_every_processor_is_refused_with_a_type_that_would_do() -> None:
    mixer, encoder = mistakes(example(mix={"width": 3840, "height": 2160, "frameRate": 60}))
    assert mixer.startswith(
        '$.mixParams.instanceType is "c6i.large", which has 2 vCPUs; expected more: mixing 38'
    )
    assert "encoding 3840x2160 at 60 frames/s takes" in encoder
    kind = encoder.removesuffix(" would do").rpartition(" ")[2]
    assert known_types()[kind].vcpus > 2


def test_dynamorse_is_never_refused_for_its_processors_because_nobody_measured_it() -> None:
    sources = [{"kind": "s3", "location": f"s3://media/{number}.mp4"} for number in (1, 2)]
    document = example("dynamicInput", sources=sources, mix={"frameRate": 60})
    assert "Pictures may be lost" in warnings(document)[0]


def test_every_type_of_a_list_is_judged_by_its_own_path() -> None:
    (message,) = warnings(example() | {"mixParams": example(kind=["c6i.large", "t2.micro"])["mixParams"]})
    assert message.startswith("$.mixParams.instanceType[1]: t2.micro")
    (message,) = mistakes(example() | {"mixParams": example(kind=["c6i.large", "t3.nano"])["mixParams"]})
    assert message.startswith('$.mixParams.instanceType[1] is "t3.nano"')


def test_an_unlimited_family_goes_on_and_costs_more() -> None:
    message, _ = warnings(example(kind="t3.micro", sources=[FILE, FILE]))
    assert "t3.micro sustains 0.20 of 2 vCPUs in the long run" in message
    assert "AWS charges the rest, about $0.05 for each vCPU and hour" in message
    assert "credits" not in message


def test_a_burstable_type_that_sustains_the_work_is_not_warned_of() -> None:
    assert warnings(example(kind="t3.2xlarge")) == []


def test_a_burstable_type_of_a_family_to_come_says_what_is_not_known() -> None:
    facts = {"t9.large": TypeFacts(2, 8192, burstable=True)}
    assert "organist does not know how much it sustains" in warnings(example(kind="t9.large"), facts)[0]


def test_little_memory_is_warned_of() -> None:
    facts = {"x1.small": TypeFacts(16, 1024, burstable=False)}
    message = warnings(example(kind="x1.small", mix={"width": 3840, "height": 2160}), facts)[0]
    assert "x1.small has 1,024 MiB, and mixing 3840x2160 at 25 frames/s takes about" in message
    assert ", the system 256. It may run out of memory" in message


def test_a_type_that_nothing_is_known_of_is_not_judged() -> None:
    assert warnings(example(kind="u7i-6tb.112xlarge")) == []


def test_a_slower_preset_needs_more_and_larger_pictures_too() -> None:
    def cpu(role: str, **more: Any) -> float:
        return machine_need(role, Engine.MEDIA, dict(make_production(example(**more), EXECUTION))).cpu

    hd, uhd = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}
    assert (
        cpu(ENCODER, encode={"preset": "ultrafast"})
        < cpu(ENCODER)
        < cpu(ENCODER, encode={"preset": "medium"})
    )
    assert (
        cpu(MIXER, mix={"width": 640, "height": 360}) < cpu(MIXER) < cpu(MIXER, mix=hd) < cpu(MIXER, mix=uhd)
    )
    assert cpu(MIXER) < cpu(MIXER, sources=[FILE, FILE])
    assert cpu(MIXER, mix=uhd) < cpu(MIXER, mix=uhd | {"frameRate": 60})


@pytest.mark.parametrize("role", [MIXER, ENCODER])
@pytest.mark.parametrize("row", machine_sizes()["measured"]["formats"], ids=str)
def test_a_measured_format_needs_what_was_measured(role: str, row: dict[str, Any]) -> None:
    mix = {key: row[key] for key in ("width", "height", "frameRate")}
    need = machine_need(role, Engine.MEDIA, dict(make_production(example(mix=mix), EXECUTION)))
    assert [need.cpu, need.memory_mib] == pytest.approx(row["patterns"][role])


def test_a_broadcast_rate_needs_a_thousandth_less_than_the_whole_one() -> None:
    def cpu(rate: float) -> float:
        mix = {"width": 3840, "height": 2160, "frameRate": rate}
        return machine_need(ENCODER, Engine.MEDIA, dict(make_production(example(mix=mix), EXECUTION))).cpu

    assert cpu(59.94) == pytest.approx(cpu(60) * 1000 / 1001, rel=1e-9)


def test_the_table_names_the_command_that_measured_it() -> None:
    measured = machine_sizes()["measured"]
    assert measured["command"] == "make bench-size"
    assert "\nbench-size:" in (REPOSITORY / "Makefile").read_text()
    assert measured["processor"]
    schema = json.loads((REPOSITORY / "step_functions" / "input.schema.json").read_text())
    assert set(measured["presets"]) == set(schema["properties"]["encode"]["properties"]["preset"]["enum"])


def test_the_known_types_are_ec2s() -> None:
    for kind, facts in known_types().items():
        message = INSTANCE_TYPES[kind]
        expected = (message["VCpuInfo"]["DefaultVCpus"], message["MemoryInfo"]["SizeInMiB"])
        assert (facts.vcpus, facts.memory_mib) == expected, kind
        assert facts.burstable == message["BurstablePerformanceSupported"], kind


def test_every_priced_and_every_suggested_type_is_known() -> None:
    prices = json.loads((REPOSITORY / "scripts" / "organist" / "report" / "prices.json").read_text())
    wanted = set(prices["instances"]["prices"]) | set(machine_sizes()["suggested"])
    assert wanted <= set(known_types())


def test_nothing_is_suggested_for_work_that_no_suggested_type_does() -> None:
    assert suggest(Need("mixing", 100, 100, 500, measured=True)) == ""


def test_ec2_is_asked_once_for_each_type() -> None:
    session = boto3.Session("testing", "testing", region_name="eu-west-1")
    with mock_aws():
        ec2 = session.client("ec2")
        asked: list[str] = []
        ec2.meta.events.register("before-call.ec2.DescribeInstanceTypes", lambda **_: asked.append("types"))
        found = find_types(["t2.micro", "c6i.large", "t2.micro", "x99.huge"], ec2)
    assert len(asked) == 3
    assert found.facts["t2.micro"] == TypeFacts(1, 1024, burstable=True, architectures=("i386", "x86_64"))
    assert not found.facts["c6i.large"].burstable
    assert list(found.refusals) == ["x99.huge"]


def test_hevc_and_every_further_live_source_want_more_of_their_machine() -> None:
    def cpu(role: str, **more: Any) -> float:
        return machine_need(role, Engine.MEDIA, dict(make_production(example(**more), EXECUTION))).cpu

    live = {"kind": "srt"}
    assert cpu(ENCODER, encode={"codec": "hevc"}) > 4 * cpu(ENCODER)
    ladder = {"renditions": [{"height": 360, "bitRate": 1_000_000}, {"height": 180, "bitRate": 300_000}]}
    assert 1.2 * cpu(ENCODER) < cpu(ENCODER, encode=ladder) < 2 * cpu(ENCODER)
    assert cpu(ENCODER, encode=ladder | {"codec": "hevc"}) > 4 * cpu(ENCODER)
    assert cpu(MIXER, encode=ladder) == cpu(MIXER)
    assert cpu(MIXER, sources=[live] * 2) < cpu(MIXER, sources=[live] * 4) < cpu(MIXER, sources=[live] * 8)
    assert cpu(MIXER, sources=[live]) == cpu(MIXER, sources=[live, {"kind": "pattern"}])
