"""The input document: what is refused, in which words, and what a valid one becomes."""

import copy
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from jsonschema import Draft202012Validator
from moto import mock_aws

from lambdas.aws.placements import Offers
from lambdas.engines.check_times import expected_checks, seconds_to_next_check
from lambdas.engines.production_plan import UNDEPLOYED, make_production
from lambdas.production.errors import InvalidInput
from lambdas.production.input_schema import find_mistakes, input_schema
from lambdas.production.machines.machine_types import place_machines, zone_mistakes
from lambdas.runtime.settings import ModuleSettings
from lambdas.validate_input import check_document, check_places, check_types, choose_image

STEP_FUNCTIONS = Path(__file__).parents[3] / "step_functions"
EXECUTION = {
    "id": "arn:aws:states:eu-west-1:123456789012:execution:dynamicNTS:evening-news",
    "name": "evening-news",
    "startTime": "2026-11-22T19:00:00.123Z",
}


def media_input() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((STEP_FUNCTIONS / "mediaInput.json").read_text())
    return document


def changed(path: str, value: object) -> dict[str, Any]:
    """The media input with the property at a dotted path set to a value; a number is an index."""
    document: Any = media_input()
    *parents, last = path.split(".")
    place = document
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return dict(document)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(input_schema())


def test_every_property_has_title_description_and_unit() -> None:
    def properties(schema: Any) -> list[tuple[str, Any]]:
        found = []
        if isinstance(schema, dict):
            found += list(schema.get("properties", {}).items()) if "allOf" not in schema.get("if", {}) else []
            found += [item for key, value in schema.items() if key != "allOf" for item in properties(value)]
        elif isinstance(schema, list):
            found += [item for value in schema for item in properties(value)]
        return found

    described = properties(input_schema())
    assert len(described) > 25
    for name, schema in described:
        assert {"title", "description", "unit"} <= set(schema), name


@pytest.mark.parametrize("name", ["dynamicInput.json", "mediaInput.json"])
def test_the_examples_are_valid(name: str) -> None:
    check_document(json.loads((STEP_FUNCTIONS / name).read_text()))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("runSeconds", 0, "$.runSeconds is 0; expected a whole number from 1 to 86400 (s)"),
        ("runSeconds", -5, "$.runSeconds is -5; expected a whole number from 1 to 86400 (s)"),
        ("runSeconds", "20", '$.runSeconds is "20"; expected a whole number from 1 to 86400 (s)'),
        ("runSeconds", True, "$.runSeconds is true; expected a whole number"),
        ("runSeconds", 86401, "$.runSeconds is 86401; expected a whole number from 1 to 86400 (s)"),
        ("runMinutes", 2, "$.runMinutes is not known; expected one of mixParams, encodeParams, runSeconds"),
        (
            "mixParams.instanceType",
            "huge",
            '$.mixParams.instanceType is "huge"; expected text: EC2 instance type',
        ),
        ("mixParams.instanceType", "t2.micro\n", '$.mixParams.instanceType is "t2.micro\\n"'),
        ("mixParams.instanceType", 7, "$.mixParams.instanceType is 7"),
        ("mixParams.instanceName", "mixer_1", '$.mixParams.instanceName is "mixer_1"'),
        ("mixParams.modules", [], "$.mixParams.modules is []; expected a list of 1 to 50 items, none twice"),
        ("mixParams.modules", ["a", "a"], '$.mixParams.modules is ["a", "a"]'),
        ("mixParams.modules", ["a; rm -rf /"], '$.mixParams.modules[0] is "a; rm -rf /"'),
        ("mixParams.modules", ["../a"], '$.mixParams.modules[0] is "../a"'),
        ("mixParams.modules", ["/etc/a"], '$.mixParams.modules[0] is "/etc/a"'),
        ("mixParams.modules", ["file:a"], '$.mixParams.modules[0] is "file:a"'),
        ("mixParams.modules", [{"name": "a", "version": "latest|x"}], "$.mixParams.modules[0].version"),
        ("mixParams.modules", [{"name": "a", "url": "http://x/a.tgz"}], "$.mixParams.modules[0].url"),
        ("mixParams.modules", [{"version": "1.0.0"}], "$.mixParams.modules[0].name is missing"),
        ("encodeParams.instanceName", "MIXER", "like the mixer's; expected two different names"),
        ("mix.fader", 1.5, "$.mix.fader is 1.5; expected a number from 0 to 1"),
        ("mix.width", 1281, "$.mix.width is 1281; expected a whole number from 160 to 3840, even (pixels)"),
        (
            "mix.frameRate",
            12,
            "$.mix.frameRate is 12; expected one of 23.976, 24, 25, 29.97, 30, 50, 59.94, 60 (frames/s)",
        ),
        ("mix.fades.0.fader", -1, "$.mix.fades[0].fader is -1"),
        ("sources", [], "$.sources is []; expected a list of 1 to 8 items"),
        ("sources", [{"kind": "rtp"}] * 9, "expected a list of 1 to 8 items"),
        ("sources.0", {"kind": "srt", "mode": "caller", "port": 9000}, "$.sources[0].address is missing"),
        (
            "sources.0",
            {"kind": "srt", "mode": "caller", "address": "192.0.2.7"},
            "expected a whole number: The UDP port",
        ),
        (
            "sources.0",
            {"kind": "srt", "mode": "caller", "address": "a?b", "port": 9},
            '$.sources[0].address is "a?***"',
        ),
        (
            "sources.0",
            {"kind": "srt", "port": 9000},
            "$.sources[0].port is given, and this source waits for its sender, on port 9720",
        ),
        ("sources.1", {"kind": "rtmp", "address": "192.0.2.7"}, "waits for its sender, on port 1935"),
        ("sources.1", {"kind": "rtp", "crop": "yes"}, '$.sources[1].crop is "yes"; expected true or false'),
        ("sources.1", {"kind": "rtp", "name": "black"}, '$.sources[1].name is "black"'),
        ("sources.1", {"kind": "rtp", "name": "<b>"}, '$.sources[1].name is "<b>"'),
        ("sources.1", {"kind": "rtp", "name": "bus 1"}, '$.sources has 2 sources with the name "bus 1"'),
        ("sources.1", {"kind": "rtp", "onLoss": {"holdMs": -1}}, "$.sources[1].onLoss.holdMs is -1"),
        ("sources.1", {"kind": "rtp", "onLoss": {"detect": ["dark"]}}, "$.sources[1].onLoss.detect"),
        (
            "sources.1",
            {"kind": "rtp", "onLoss": {"failoverTo": 2}},
            "$.sources[1].onLoss.failoverTo is 2; expected the number of another of the 2 sources",
        ),
        ("sources.1", {"kind": "rtp", "onLoss": {"failoverTo": 3}}, "onLoss.failoverTo is 3; expected"),
        ("sources.1", {"kind": "rtp", "passphrase": "secret"}, "$.sources[1].passphrase is not known"),
        ("encode.soundBitRate", 64000, "expected a whole number from 96000 to 320000 (bit/s)"),
        ("encode.codec", "av1", 'expected one of "h264", "hevc"'),
        (
            "encode.gopFrames",
            40,
            "$.encode.gopFrames is 40; expected a number that divides the 50 frames of a segment "
            "(2 s at 25 frames/s), such as 25",
        ),
        ("sources.0", {"kind": "file"}, "$.sources[0].location is missing"),
        ("sources.0", {"kind": "file", "location": "a.mp4"}, '$.sources[0].location is "a.mp4"'),
        ("sources.0", {"kind": "url", "location": "gopher://a"}, '$.sources[0].location is "gopher://a"'),
        (
            "encode.bitRate",
            5,
            "$.encode.bitRate is 5; expected a whole number from 100000 to 100000000 (bit/s)",
        ),
        ("output.fileName", "../../x.mp4", '$.output.fileName is "../../x.mp4"'),
        ("output.title", "<script>", '$.output.title is "<script>"'),
    ],
)
def test_a_mistake_is_told_with_its_path_and_what_would_be_right(
    path: str, value: object, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_document(changed(path, value))
    assert message in str(refused.value)
    assert len(refused.value.mistakes) == 1


@pytest.mark.parametrize("document", [[], "production", 7, None, {}])
def test_what_is_no_production_at_all_is_refused(document: object) -> None:
    assert find_mistakes(document)


def test_all_mistakes_come_in_one_message() -> None:
    document = changed("runSeconds", 0) | {"colour": "red"}
    del document["mixParams"]["instanceType"]

    with pytest.raises(InvalidInput) as refused:
        check_document(document)

    assert len(refused.value.mistakes) == 3
    assert "The input has 3 mistakes" in str(refused.value)
    assert "Nothing was started" in str(refused.value)


def test_one_module_under_two_names_is_refused() -> None:
    document = changed("mixParams.modules", ["core", "node-red-contrib-dynamorse-core"])
    with pytest.raises(InvalidInput, match="names node-red-contrib-dynamorse-core 2 times"):
        check_document(document)


def test_a_production_has_every_name_and_default_before_the_first_call() -> None:
    document = {key: media_input()[key] for key in ("mixParams", "encodeParams")}
    before = copy.deepcopy(document)

    production = make_production(document, EXECUTION)

    assert document == before
    assert production["runSeconds"] == 120
    assert production["engine"] == "media"
    assert [source["pattern"] for source in production["sources"]] == ["smpte-bars", "test-card"]
    assert production["mix"]["width"] == 1280
    assert production["encode"]["gopFrames"] == 50
    names = [machine["instanceName"] for machine in production["machines"]]
    assert names == [f"mixer-{production['productionId']}", f"encoder-{production['productionId']}"]
    # Start + 15 min to set up + 120 s on air + 5 min grace.
    assert production["expiresAt"] == "2026-11-22T19:22:00Z"
    assert production["machines"][0]["lifetimeMinutes"] == 22


def test_the_names_depend_on_the_execution_only() -> None:
    first = make_production(media_input(), EXECUTION)
    again = make_production(media_input(), EXECUTION)
    other = make_production(media_input(), EXECUTION | {"id": EXECUTION["id"] + "-2"})
    assert first == again
    assert first["productionId"] != other["productionId"]


@pytest.mark.parametrize(
    ("run_seconds", "check_seconds", "checks"),
    [(20, 30, 2), (120, 30, 12), (180, 30, 14), (600, 30, 28), (43200, 44, 992), (86400, 87, 1004)],
)
def test_checks_stay_far_below_the_25000_events_of_an_execution(
    run_seconds: int, check_seconds: int, checks: int
) -> None:
    production = make_production(changed("runSeconds", run_seconds), EXECUTION)
    assert production["checkSeconds"] == check_seconds
    assert expected_checks(run_seconds) == checks
    assert checks * 20 < 25000


def test_the_wait_on_air_is_short_at_first_and_never_longer_than_what_is_left() -> None:
    waits, elapsed = [], 0
    while elapsed < 200:
        waits.append(seconds_to_next_check(elapsed, 200 - elapsed, 30))
        elapsed += waits[-1]
    assert waits == [10] * 12 + [30, 30, 20]
    assert seconds_to_next_check(19.9, 0, 30) == 1


def test_the_document_of_2017_is_valid_and_its_places_are_the_deployments() -> None:
    document = json.loads((STEP_FUNCTIONS / "dynamicInput.json").read_text())
    settings = ModuleSettings(module_source="", media_buckets=("media",), region="eu-west-1")
    check_places(document, settings)
    production = make_production(document, EXECUTION, settings)
    assert (production["engine"], production["region"]) == ("dynamorse", "eu-west-1")
    assert [source["location"] for source in production["sources"]] == [
        "s3://media/source-1.grains",
        "s3://media/source-2.grains",
    ]
    assert production["output"]["location"] == f"s3://media/encoded-{production['productionId']}.h264"


def test_dynamorse_without_modules_gets_what_each_machine_needs() -> None:
    document = {
        "mixParams": {"instanceName": "mixer", "instanceType": "t2.micro"},
        "encodeParams": {"instanceName": "encoder", "instanceType": "t2.micro"},
        "engine": "dynamorse",
    }
    mixer, encoder = make_production(document, EXECUTION)["machines"]
    assert "transition" in mixer["modules"]
    assert "transition" not in encoder["modules"]


def test_a_dynamorse_document_names_every_place_that_nothing_stands_in_for() -> None:
    document = json.loads((STEP_FUNCTIONS / "dynamicInput.json").read_text())
    with pytest.raises(InvalidInput, match=r"(?s)\$\.sources is missing.*\$\.output\.location is missing"):
        check_places(document, UNDEPLOYED)


def test_a_source_that_dynamorse_cannot_play_is_named() -> None:
    document = changed("sources", [{"kind": "pattern"}, {"kind": "srt"}]) | {"engine": "dynamorse"}
    with pytest.raises(InvalidInput, match=r'\$\.sources\[1\]\.kind is "srt"'):
        check_document(document)


CALLER = {"kind": "srt", "mode": "caller", "address": "192.0.2.7", "port": 9000}


def deployment(contribution_cidr: str, stack: str = "") -> ModuleSettings:
    return ModuleSettings("", (), "eu-west-1", stack_name=stack, contribution_cidr=contribution_cidr)


@pytest.mark.parametrize("source", [{"kind": "srt"}, CALLER, {"kind": "rtmp"}, {"kind": "rtp"}])
def test_a_live_source_that_no_network_is_open_to_is_refused(source: dict[str, Any]) -> None:
    document = changed("sources", [source, {"kind": "pattern"}, source | {"name": "second"}])
    with pytest.raises(InvalidInput) as refused:
        check_places(document, deployment(""))
    first, second = refused.value.mistakes
    assert first.startswith(
        f'$.sources[0].kind is "{source["kind"]}", and this deployment is open to no live'
    )
    assert "organist deploy --contribution-cidr" in first
    assert second.startswith("$.sources[2].kind")
    check_places(document, deployment("192.0.2.0/24"))


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("192.0.2.7", True),
        ("192.0.3.7", False),
        ("127.0.0.1", False),
        ("studio.example.com", True),
        ("192.0.2", True),
    ],
)
def test_a_far_end_is_called_in_the_contribution_network_only(address: str, taken: bool) -> None:
    document = changed("sources.1", CALLER | {"address": address})
    if taken:
        check_places(document, deployment("192.0.2.0/24"))
        return
    with pytest.raises(InvalidInput) as refused:
        check_places(document, deployment("192.0.2.0/24"))
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f'$.sources[1].address is "{address}", where the mixer machine may not call;')
    assert "organist deploy --contribution-cidr" in mistake


def test_patterns_and_files_need_no_contribution_network() -> None:
    check_places(media_input(), deployment(""))
    kept = [{"kind": "s3", "location": "s3://bucket/key.mp4"}, {"kind": "file", "location": "/a.mp4"}]
    check_places(changed("sources", kept), deployment(""))


@pytest.mark.parametrize(
    "place",
    [{"record": "s3://shows/live"}, {"location": "s3://shows/final.mp4"}, {"publish": "s3://shows/web"}],
)
def test_what_is_kept_goes_to_a_bucket_of_the_deployment_only(place: dict[str, str]) -> None:
    document = changed("output", place)
    check_document(document)
    check_places(document, ModuleSettings("", ("media", "shows"), "eu-west-1"))
    with pytest.raises(InvalidInput) as refused:
        check_places(document, ModuleSettings("", ("media",), "eu-west-1"))
    (mistake,) = refused.value.mistakes
    name = next(iter(place))
    assert mistake.startswith(f'$.output.{name} is in the bucket "shows"; expected one of the')
    assert f"organist deploy --{'publish' if name == 'publish' else 'media-buckets'} shows" in mistake


def test_the_bucket_behind_the_distribution_is_for_what_is_published_alone() -> None:
    settings = ModuleSettings("", (), "eu-west-1", publish_bucket="web")
    check_places(changed("output", {"publish": "s3://web/live"}), settings)
    with pytest.raises(InvalidInput, match=r"output\.record is in the bucket"):
        check_places(changed("output", {"record": "s3://web/live"}), settings)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"record": "s3://shows", "location": "s3://shows/a.mp4"}, "both given; expected one"),
        ({"location": "s3://shows/a.mov"}, r"ends in \.mp4"),
        ({"location": "s3://shows/it's.mp4"}, "of letters, digits"),
        ({"location": f"s3://shows/{'a' * 240}.mp4"}, "240 characters at the most"),
        ({"record": "s3://shows/"}, r"\$\.output\.record"),
        ({"record": "shows"}, r"\$\.output\.record"),
        ({"publish": "s3://shows/a b"}, r"\$\.output\.publish"),
    ],
)
def test_a_place_of_a_recording_that_cannot_be_is_refused(output: dict[str, str], expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        check_document(changed("output", output))


@pytest.mark.parametrize(("name", "expected"), [("record", r"\$\.output\.location"), ("publish", "none")])
def test_dynamorse_has_no_folders_of_its_own(name: str, expected: str) -> None:
    source = {"kind": "s3", "location": "s3://bucket/key"}
    document = changed("sources", [source] * 2) | {"engine": "dynamorse", "output": {name: "s3://bucket"}}
    with pytest.raises(
        InvalidInput, match=rf"output\.{name} is given; expected {expected} with the dynamorse"
    ):
        check_document(document)


def test_a_production_knows_where_it_is_recorded_before_anything_starts() -> None:
    production = make_production(changed("output", {"record": "s3://shows/live"}), EXECUTION)
    location = f"s3://shows/live/{production['productionId']}/encoder.mp4"
    assert production["recording"] == {
        "location": location,
        "sources": "",
        "publication": "",
        "productionId": production["productionId"],
    }
    assert {machine["production"]["recording"] for machine in production["machines"]} == {location}
    nowhere = make_production(media_input(), EXECUTION)
    assert (nowhere["recording"]["location"], nowhere["machines"][0]["production"]["recording"]) == ("", "")


def test_a_production_knows_where_its_sources_are_recorded() -> None:
    document = changed("output", {"record": "s3://shows/live", "recordSources": ["bus 2"]})
    production = make_production(document, EXECUTION)
    folder = f"s3://shows/live/{production['productionId']}/encoder-sources/"
    assert production["recording"]["sources"] == folder
    assert {machine["production"]["sourceRecordings"] for machine in production["machines"]} == {folder}
    on_the_disk = make_production(changed("output", {"recordSources": True}), EXECUTION)
    assert on_the_disk["recording"]["sources"] == ""


@pytest.mark.parametrize(
    ("asked", "mistake"),
    [
        (["bus 3"], '$.output.recordSources[0] is "bus 3"; expected the name of a source: "bus 1", "bus 2"'),
        ([], "$.output.recordSources is []; expected true, false or a list of 1 to 8 items, none twice"),
        ("bus 1", '$.output.recordSources is "bus 1"; expected true, false or a list'),
        ([1], "$.output.recordSources[0] is 1; expected text: the name of a source"),
    ],
)
def test_what_is_to_be_recorded_by_itself_is_a_source(asked: Any, mistake: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_document(changed("output", {"recordSources": asked}))
    (found,) = refused.value.mistakes
    assert found.startswith(mistake)


def test_dynamorse_records_no_sources() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_document(changed("output", {"recordSources": True}) | {"engine": "dynamorse"})
    assert (
        "$.output.recordSources is given; expected none with the dynamorse engine" in refused.value.mistakes
    )


def test_hevc_alone_has_no_watch_page_and_an_h264_picture_beside_it_has() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_document(changed("encode", {"codec": "hevc"}))
    (mistake,) = refused.value.mistakes
    assert mistake.startswith('$.encode.codec is "hevc", which many browsers of a watch page cannot play; ')
    assert '"renditions": [{"height": 720, "bitRate": 3000000}]' in mistake
    check_document(changed("encode", {"codec": "hevc", "renditions": [{"height": 720, "bitRate": 3000000}]}))


@pytest.mark.parametrize(
    ("renditions", "expected"),
    [
        (
            [{"height": 1080, "bitRate": 3_000_000}],
            r"renditions\[0\] is 1920x1080; expected no more than the",
        ),
        (
            [{"height": 360, "width": 1290, "bitRate": 300_000}],
            r"renditions\[0\] is 1290x360; expected no more",
        ),
        ([{"height": 360}], r"renditions\[0\].*bitRate"),
        ([{"height": 361, "bitRate": 300_000}], r"renditions\[0\]\.height"),
        ([{"height": height, "bitRate": 300_000} for height in (540, 360, 180)], r"\$\.encode\.renditions"),
    ],
)
def test_a_rendition_that_cannot_be_is_refused(renditions: list[dict[str, int]], expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        check_document(changed("encode", {"renditions": renditions}))


def test_dynamorse_has_no_renditions() -> None:
    source = {"kind": "s3", "location": "s3://bucket/key"}
    document = changed("sources", [source] * 2) | {"engine": "dynamorse"}
    document |= {"encode": {"renditions": [{"height": 360, "bitRate": 300_000}]}}
    with pytest.raises(InvalidInput, match=r"renditions is given; expected none with the dynamorse engine"):
        check_document(document)


def test_a_production_knows_where_it_can_be_watched_before_anything_starts() -> None:
    document = changed("output", {"publish": "s3://web/live"})
    settings = ModuleSettings(
        "", ("web",), "eu-west-1", publish_bucket="web", publish_domain="d1.example.net"
    )
    production = make_production(document, EXECUTION, settings)
    folder = f"live/{production['productionId']}"
    assert production["recording"]["publication"] == f"s3://web/{folder}"
    assert {machine["production"]["publication"] for machine in production["machines"]} == {
        f"s3://web/{folder}"
    }
    assert production["watchUrl"] == f"https://d1.example.net/{folder}/index.m3u8"
    assert make_production(document, EXECUTION, ModuleSettings("", ("web",), ""))["watchUrl"] == ""
    elsewhere = ModuleSettings("", (), "", publish_bucket="we", publish_domain="d1.example.net")
    assert make_production(document, EXECUTION, elsewhere)["watchUrl"] == ""


def test_a_secret_of_another_stack_is_refused() -> None:
    settings = deployment("192.0.2.0/24", "news")
    check_places(changed("sources.1", CALLER | {"passphraseSecret": "organist/news/studio"}), settings)
    with pytest.raises(InvalidInput, match=r"sources\[1\]\.passphraseSecret is .*begins with organist/news/"):
        check_places(changed("sources.1", CALLER | {"passphraseSecret": "organist/new/studio"}), settings)


@pytest.mark.parametrize("name", ["studio", "organist/news/", "other/news/studio", "organist/news/a b"])
def test_a_name_that_is_no_secret_of_any_stack_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"\$\.sources\[1\]\.passphraseSecret is "):
        check_document(changed("sources.1", CALLER | {"passphraseSecret": name}))


@pytest.mark.parametrize("slate", ["slate.png", "ftp://host/a.png", "s3://bucket", "/a\nb.png", ""])
def test_a_slate_is_a_file_an_address_or_an_object(slate: str) -> None:
    for right in ("/media/slate.png", "https://example.org/slate.jpg", "s3://bucket/slate.png"):
        check_document(changed("mix.slate", right))
    with pytest.raises(InvalidInput, match=r"\$\.mix\.slate is "):
        check_document(changed("mix.slate", slate))


SDP = "v=0\r\no=- 0 0 IN IP4 192.0.2.7\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def test_a_session_description_is_of_a_source_of_rtp() -> None:
    document = changed("sources", [{"kind": "rtp", "sdp": SDP}])
    check_document(document)
    assert make_production(document, EXECUTION)["sources"][0]["sdp"] == SDP
    with pytest.raises(InvalidInput, match=r"\$\.sources\[0\]\.sdp is given; expected none, or kind rtp"):
        check_document(changed("sources.0", {"kind": "srt", "sdp": SDP}))


@pytest.mark.parametrize(
    "sdp",
    ["", "rtp://192.0.2.7", SDP.replace("video", "audio"), SDP.replace("AVP", "SAVP"), SDP + "a=x\r\n" * 999],
)
def test_a_text_that_is_no_session_description_is_refused_and_not_quoted(sdp: str) -> None:
    with pytest.raises(InvalidInput, match=r"\$\.sources\[0\]\.sdp is \*\*\*; expected text: For kind rtp"):
        check_document(changed("sources.0", {"kind": "rtp", "sdp": sdp}))


def test_a_version_is_of_an_object_of_the_media_engine() -> None:
    version = {"kind": "s3", "location": "s3://bucket/key", "versionId": "3HL4kqtJvjVBH40Nrjfkd"}
    document = changed("sources", [version])
    check_document(document)
    assert make_production(document, EXECUTION)["sources"][0]["versionId"] == version["versionId"]
    with pytest.raises(
        InvalidInput, match=r"\$\.sources\[0\]\.versionId is given; expected none, or kind s3"
    ):
        check_document(changed("sources.0", {"kind": "pattern", "versionId": "1"}))
    with pytest.raises(InvalidInput, match=r"\$\.sources\[1\]\.versionId is given; .* dynamorse engine"):
        check_document(changed("sources", [OBJECT, OBJECT | {"versionId": "1"}]) | {"engine": "dynamorse"})
    with pytest.raises(InvalidInput, match=r"\$\.sources\[0\]\.versionId is "):
        check_document(changed("sources", [version | {"versionId": "1&x=2"}]))


@pytest.mark.parametrize(
    "path",
    [
        "mix.width",
        "mix.fades",
        "mix.linkBitRate",
        "mix.linkLatency",
        "encode.preset",
        "output.segmentSeconds",
    ],
)
def test_what_dynamorse_cannot_follow_is_refused_by_name(path: str) -> None:
    given = {
        "mix": {"width": 640, "fades": [], "linkBitRate": 2000000, "linkLatency": 200, "fader": 0.5},
        "encode": {"preset": "fast", "bitRate": 2000000},
        "output": {"segmentSeconds": 2},
    }
    with pytest.raises(InvalidInput, match=rf"\$\.{path} is given; expected none with the dynamorse engine"):
        check_document(changed("sources", [OBJECT, OBJECT]) | given | {"engine": "dynamorse"})


def test_grains_are_dynamorses_own_live_source_and_one_port_takes_one() -> None:
    pushed = {"kind": "grains"}
    dynamorse = {"engine": "dynamorse", "mix": {}}
    check_document(changed("sources", [OBJECT, pushed]) | dynamorse)
    with pytest.raises(InvalidInput, match="2 sources of kind grains; expected one at the most: port 8712"):
        check_document(changed("sources", [pushed, pushed]) | dynamorse)
    with pytest.raises(InvalidInput, match=r"sources\[0\]\.kind is \"grains\"; expected another"):
        check_document(changed("sources", [pushed, OBJECT]))
    with pytest.raises(InvalidInput, match=r"sources\[0\]\.coding is given"):
        check_document(changed("sources", [OBJECT | {"coding": "raw"}]))


def test_dynamorse_mixes_two_sources() -> None:
    source = {"kind": "s3", "location": "s3://bucket/key"}
    document = changed("sources", [source] * 3) | {"engine": "dynamorse"}
    with pytest.raises(InvalidInput, match=r"\$\.sources has 3 items; expected 2"):
        check_document(document)


OBJECT: dict[str, Any] = {"kind": "s3", "location": "s3://bucket/key"}
LIVE: list[dict[str, Any]] = [
    {"kind": "srt", "name": "camera"},
    {
        "kind": "srt",
        "mode": "caller",
        "address": "192.0.2.7",
        "port": 9000,
        "latencyMs": 300,
        "streamId": "read:1",
    },
    {"kind": "rtmp"},
    {"kind": "rtp", "onLoss": {"holdMs": 0}, "crop": True, "soundTrack": 2},
    {"kind": "s3", "location": "s3://bucket/key.mp4"},
]


def test_live_sources_and_objects_are_taken_and_named() -> None:
    document = changed("sources", LIVE)
    check_document(document)
    sources = make_production(document, EXECUTION)["sources"]
    assert [source["name"] for source in sources] == ["camera", "bus 2", "bus 3", "bus 4", "bus 5"]
    assert [source["onLoss"]["holdMs"] for source in sources] == [2000, 2000, 2000, 0, 2000]
    assert "port" not in sources[0], "a listener's port is the deployment's"


@pytest.mark.parametrize(
    ("rate", "seconds", "distance"),
    [
        *[(25, 2, 50), (50, 2, 50), (24, 2, 48), (30, 2, 30), (25, 1, 25), (60, 3, 45)],
        *[(29.97, 2, 30), (59.94, 10, 50), (23.976, 10, 48)],
    ],
)
def test_key_frames_that_nobody_asked_for_divide_the_segment(
    rate: float, seconds: int, distance: int
) -> None:
    document = changed("mix.frameRate", rate) | {"output": {"segmentSeconds": seconds}}
    del document["encode"]
    check_document(document)
    assert make_production(document, EXECUTION)["encode"]["gopFrames"] == distance


@pytest.mark.parametrize("engine", ["dynamorse", "media"])
@pytest.mark.parametrize("wanted", ["t4g.small", ["c6i.large", "t4g.small"]])
def test_an_architecture_that_the_engine_does_not_run_on_is_refused(engine: str, wanted: Any) -> None:
    session = boto3.Session("testing", "testing", region_name="eu-west-1")
    with mock_aws():
        document = changed("mixParams.instanceType", wanted) | {"engine": engine}
        place = r"\$\.mixParams\.instanceType(\[1\])?"
        with pytest.raises(InvalidInput, match=rf'{place} is "t4g\.small", which is not x86_64') as error:
            check_types(document, [], session.client("ec2"))
        assert len(error.value.mistakes) == 1


@pytest.mark.parametrize(
    "value", [[], ["c6i.large", "c6i.large"], ["huge"], ["c6i.large"] * 6, [7], {"type": "c6i.large"}]
)
def test_a_list_of_types_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"\$\.mixParams\.instanceType"):
        check_document(changed("mixParams.instanceType", value))


class Zones:
    """Subnets in zones of their own, and the types that each zone has."""

    def __init__(self, **types: tuple[str, ...]) -> None:
        zones = {f"subnet-{zone}": f"eu-west-1{zone}" for zone in types}
        self.offers = Offers(zones, {f"eu-west-1{zone}": frozenset(has) for zone, has in types.items()})

    def place(self, mixer: Any, encoder: Any) -> list[list[tuple[str, str]]]:
        """The places that the machines of two options get, each a type and a zone's letter."""
        document = changed("mixParams.instanceType", mixer)
        document["encodeParams"]["instanceType"] = encoder
        production = make_production(document, EXECUTION)
        place_machines(production, self.offers)
        return [
            [(one["instanceType"], one["subnetId"][-1]) for one in machine["placements"]]
            for machine in production["machines"]
        ]


def test_both_machines_try_the_zones_in_one_order() -> None:
    zones = Zones(a=("c6i.large",), b=("c6i.large", "m5.large"), c=("m5.large",))
    mixer, encoder = zones.place("c6i.large", "m5.large")
    # b has both, so it comes first for each.
    assert mixer == [("c6i.large", "b"), ("c6i.large", "a")]
    assert encoder == [("m5.large", "b"), ("m5.large", "c")]


def test_the_preferred_type_is_tried_everywhere_before_the_next() -> None:
    zones = Zones(a=("c6i.large",), b=("c7i.large", "c6i.large"))
    mixer, _ = zones.place(["c7i.large", "c6i.large"], "c6i.large")
    assert mixer == [("c7i.large", "b"), ("c6i.large", "b"), ("c6i.large", "a")]


def test_zones_that_are_alike_keep_the_deployments_order() -> None:
    mixer, _ = Zones(b=("c6i.large",), a=("c6i.large",)).place("c6i.large", "c6i.large")
    assert [zone for _, zone in mixer] == ["b", "a"]


def test_a_type_that_no_zone_has_is_named_with_the_zones() -> None:
    offers = Zones(a=("c6i.large",), b=()).offers
    (message,) = zone_mistakes({"$.mixParams.instanceType": "u-6tb1.metal"}, offers)
    assert message.startswith('$.mixParams.instanceType is "u-6tb1.metal"')
    assert "(eu-west-1a, eu-west-1b)" in message


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@example.com/a b.mp4",
        "https://example.com/a b.mp4?token=hunter2&more=1",
        "ftp://user:hunter2@example.com/a.mp4?X-Amz-Signature=hunter2",
        "https://hunter2@example.com/'a.mp4",
    ],
)
def test_no_key_of_a_refused_url_is_told(url: str) -> None:
    with pytest.raises(InvalidInput) as error:
        check_document(changed("sources.0", {"kind": "url", "location": url}))
    assert "hunter2" not in str(error.value)
    assert "example.com/" in str(error.value)


@pytest.mark.parametrize(("engine", "chosen"), [("media", "ami-own"), ("dynamorse", None)])
def test_the_stacks_own_machine_image_is_chosen_once_for_both_machines(
    engine: str, chosen: str | None
) -> None:
    ec2 = boto3.client("ec2", region_name="eu-west-1")
    found = [
        {"ImageId": "ami-older", "CreationDate": "2026-11-20T10:00:00.000Z"},
        {"ImageId": "ami-own", "CreationDate": "2026-11-21T10:00:00.000Z"},
    ]
    production = make_production(media_input() | {"engine": engine}, EXECUTION)
    for machine in production["machines"]:
        machine["placements"] = [{"instanceType": "c6i.large", "subnetId": "subnet-a"}]
    settings = ModuleSettings("", (), "eu-west-1", stack_name="studio", node_red_image="nodes:2-x86_64")
    with Stubber(ec2) as stub:
        stub.add_response(
            "describe_images",
            {"Images": found},
            {
                "Owners": ["self"],
                "Filters": [
                    {"Name": "tag:organist:stack", "Values": ["studio"]},
                    {"Name": "tag:organist:image", "Values": ["nodes:2-x86_64"]},
                    {"Name": "state", "Values": ["available"]},
                ],
            },
        )
        choose_image(production, settings, ec2)
    images = [machine["placements"][0].get("imageId") for machine in production["machines"]]
    assert images == [chosen, chosen]
