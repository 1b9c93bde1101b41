"""A recording that its machine has not finished: completed from what S3 has of it, nothing left beside it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zlib import crc32

import boto3
import pytest
from moto import mock_aws

from lambdas.recording.completion import Recording
from lambdas.recording.places import RecordingPlace, recording_location, sources_location
from lambdas.recording.sources import complete_sources, source_locations
from lambdas.recording.unfinished import Piece, chain_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, FOLDER, PRODUCTION = "shows", "live/ab12cd34", "ab12cd34"
LOCATION = f"s3://{BUCKET}/{FOLDER}/encoder.mp4"
KEY = f"{FOLDER}/encoder.mp4"
PART = 5 * 2**20  # the least that S3 takes of all parts but the last


class Machine:
    """What the media engine has put into S3 when its machine dies; figures as it names them."""

    def __init__(self, s3: "S3Client", folder: str = FOLDER, manifest: str = "encoder.json") -> None:
        self.s3 = s3
        self.folder, self.manifest_name = folder, manifest
        self.written = b""
        self.manifest: dict[str, Any] = {"production": PRODUCTION, "files": [], "gaps": []}

    def begin(self, name: str = "encoder.mp4", *, told: bool = True) -> None:
        self.key, self.written, self.parts = f"{self.folder}/{name}", b"", 0
        self.upload = self.s3.create_multipart_upload(Bucket=BUCKET, Key=self.key)["UploadId"]
        if told:
            entry = {"name": name, "state": "recording", "uploadId": self.upload, "bytes": 0, "frames": 0}
            self.manifest["files"].append(entry | {"startedAt": "2026-11-26T10:00:00Z"})
            self.tell()

    def tell(self) -> None:
        body = json.dumps(self.manifest)
        self.s3.put_object(Bucket=BUCKET, Key=f"{self.folder}/{self.manifest_name}", Body=body)

    def part(self, fill: bytes, *, told: bool = True) -> None:
        body = fill * PART
        self.written += body
        self.parts += 1
        self.s3.upload_part(
            Bucket=BUCKET, Key=self.key, UploadId=self.upload, PartNumber=self.parts, Body=body
        )
        if told:
            self.manifest["files"][-1] |= self.counts()
            self.tell()

    def piece(self, fill: bytes, size: int, *, lost: bool = False) -> None:
        offset = len(self.written)
        self.written += fill * size
        frames, checksum = self.counts()["frames"], self.counts()["crc32"]
        name = f"{offset:015}-{frames}-{frames * 40}-{checksum}.piece"
        if not lost:
            self.s3.put_object(Bucket=BUCKET, Key=f"{self.key}.tail/{name}", Body=fill * size)

    def counts(self) -> dict[str, Any]:
        frames = len(self.written) // 1000
        checksum = f"{crc32(self.written):08x}"
        return {"bytes": len(self.written), "frames": frames, "seconds": frames * 0.04, "crc32": checksum}


@pytest.fixture
def machine() -> Iterator[Machine]:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield Machine(s3)


def complete(machine: Machine) -> Any:
    return Recording(LOCATION, PRODUCTION, machine.s3).complete()


def read(machine: Machine, key: str = KEY) -> bytes:
    return machine.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def keys(machine: Machine) -> list[str]:
    return [found["Key"] for found in machine.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def unfinished(machine: Machine) -> int:
    return len(machine.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


@pytest.mark.parametrize("parts", [0, 1, 3])
@pytest.mark.parametrize("pieces", [0, 1, 4])
def test_what_s3_has_becomes_the_object_and_nothing_is_left_beside_it(
    machine: Machine, parts: int, pieces: int
) -> None:
    machine.begin()
    for number in range(parts):
        machine.part(b"%d" % number)
    for number in range(pieces):
        machine.piece(b"%d" % number, 300_000)
    if parts + pieces == 0:
        assert complete(machine)["files"][0]["state"] == "lost"
        assert keys(machine) == [f"{FOLDER}/encoder.json"]
        return
    (file,) = complete(machine)["files"]
    assert read(machine) == machine.written
    frames = machine.counts()["frames"]
    assert file == {
        "location": LOCATION,
        "state": "recovered",
        "bytes": len(machine.written),
        "frames": frames,
        "seconds": frames * 0.04,
    }
    entry = json.loads(read(machine, f"{FOLDER}/encoder.json"))["files"][0]
    assert entry.items() >= {"state": "recovered", "crc32": machine.counts()["crc32"]}.items()
    assert "uploadId" not in entry
    assert (keys(machine), unfinished(machine)) == ([f"{FOLDER}/encoder.json", KEY], 0)


def test_a_tail_of_many_megabytes_goes_into_parts_that_s3_takes(machine: Machine) -> None:
    machine.begin()
    for number in range(9):
        machine.piece(b"%d" % number, 3 * 2**20)
    complete(machine)
    assert read(machine) == machine.written


def test_pieces_that_a_part_has_already_are_passed_by(machine: Machine) -> None:
    machine.begin()
    machine.piece(b"a", PART)
    machine.written = b""
    machine.part(b"a")
    machine.piece(b"b", 1000)
    complete(machine)
    assert read(machine) == machine.written


def test_after_a_piece_that_never_came_nothing_is_joined(machine: Machine) -> None:
    machine.begin()
    machine.piece(b"a", 1000)
    whole = machine.written
    machine.piece(b"b", 1000, lost=True)
    machine.piece(b"c", 1000)
    complete(machine)
    assert read(machine) == whole


def test_a_part_that_the_manifest_does_not_know_of_has_no_checksum(machine: Machine) -> None:
    machine.begin()
    machine.part(b"a")
    machine.part(b"b", told=False)
    complete(machine)
    assert read(machine) == machine.written
    entry = json.loads(read(machine, f"{FOLDER}/encoder.json"))["files"][0]
    assert (entry["bytes"], entry["crc32"]) == (2 * PART, None)


def test_files_of_later_runs_each_by_itself(machine: Machine) -> None:
    machine.begin()
    machine.part(b"a")
    first = machine.written
    machine.begin("encoder-2.mp4")
    machine.piece(b"b", 500)
    files = complete(machine)["files"]
    assert [(file["location"], file["state"]) for file in files] == [
        (LOCATION, "recovered"),
        (f"s3://{BUCKET}/{FOLDER}/encoder-2.mp4", "recovered"),
    ]
    assert read(machine) == first
    assert read(machine, f"{FOLDER}/encoder-2.mp4") == machine.written


def test_an_upload_that_began_before_the_manifest_could_tell(machine: Machine) -> None:
    machine.begin(told=False)
    machine.piece(b"a", 2000)
    (file,) = complete(machine)["files"]
    assert (file["state"], read(machine)) == ("recovered", machine.written)


def test_uploads_of_others_beside_it_are_left_alone(machine: Machine) -> None:
    for key in (f"{FOLDER}/encoder-notes.mp4", f"{FOLDER}/encoder.mov", f"{FOLDER}x/encoder.mp4"):
        machine.s3.create_multipart_upload(Bucket=BUCKET, Key=key)
    assert complete(machine)["files"] == []
    assert unfinished(machine) == 3


def test_at_a_place_without_the_productions_id_only_what_the_manifest_names_is_touched(
    machine: Machine,
) -> None:
    """Another production may record there at the same moment."""
    place = f"s3://{BUCKET}/final.mp4"
    machine.s3.create_multipart_upload(Bucket=BUCKET, Key="final.mp4")
    others = {
        "production": "99999999",
        "files": [{"name": "final.mp4", "state": "recording", "uploadId": "x"}],
    }
    machine.s3.put_object(Bucket=BUCKET, Key="final.json", Body=json.dumps(others))
    assert Recording(place, PRODUCTION, machine.s3).complete()["files"] == []
    assert unfinished(machine) == 1


@pytest.mark.parametrize("operation", ["CompleteMultipartUpload", "DeleteObjects", "PutObject"])
def test_an_answer_that_gets_lost_is_asked_for_again(machine: Machine, operation: str) -> None:
    machine.begin()
    machine.part(b"a")
    machine.piece(b"b", 1000)

    def lose(**_: Any) -> None:
        machine.s3.meta.events.unregister(f"after-call.s3.{operation}", lose)
        raise TimeoutError

    machine.s3.meta.events.register(f"after-call.s3.{operation}", lose)
    with pytest.raises(TimeoutError):
        complete(machine)
    (file,) = complete(machine)["files"]
    assert (file["state"], file["bytes"]) == ("recovered", len(machine.written))
    assert read(machine) == machine.written
    assert (keys(machine), unfinished(machine)) == ([f"{FOLDER}/encoder.json", KEY], 0)


def test_a_finished_recording_is_left_as_it_is(machine: Machine) -> None:
    machine.manifest["files"] = [
        {"name": "encoder.mp4", "state": "complete", "bytes": 7, "frames": 1, "seconds": 0.04}
    ]
    machine.tell()
    before = read(machine, f"{FOLDER}/encoder.json")
    assert complete(machine)["files"][0]["state"] == "complete"
    assert read(machine, f"{FOLDER}/encoder.json") == before


def test_pieces_follow_each_other_by_where_they_lie() -> None:
    pieces = [
        Piece(str(offset), offset, size, 0, 0, "") for offset, size in [(30, 5), (0, 10), (10, 20), (50, 1)]
    ]
    assert [piece.offset for piece in chain_of(pieces, 0)] == [0, 10, 30]
    assert [piece.offset for piece in chain_of(pieces, 10)] == [10, 30]
    assert list(chain_of(pieces, 11)) == []
    assert [piece.offset for piece in chain_of([Piece("", 0, 0, 0, 0, "")], 0)] == [0]


def test_every_recording_in_the_folder_of_the_sources_is_completed(machine: Machine) -> None:
    folder = f"{FOLDER}/encoder-sources"
    written: dict[str, bytes] = {}
    for name, manifest in (("1-camera", True), ("2-bus-2", False)):
        source = Machine(machine.s3, folder, f"{name}.json")
        source.begin(f"{name}.mp4", told=manifest)
        source.part(b"%d" % len(written), told=manifest)
        source.piece(b"x", 300_000)
        written[f"{folder}/{name}.mp4"] = source.written
        source.begin(f"{name}-2.mp4", told=manifest)
        source.piece(b"y", 300_000)
        written[f"{folder}/{name}-2.mp4"] = source.written
    place = f"s3://{BUCKET}/{folder}/"
    assert source_locations(place, machine.s3) == [f"{place}1-camera.mp4", f"{place}2-bus-2.mp4"]
    files = complete_sources(place, PRODUCTION, machine.s3)
    assert {file["location"]: file["state"] for file in files} == {
        f"s3://{BUCKET}/{key}": "recovered" for key in written
    }
    assert {key: read(machine, key) for key in written} == written
    manifests = {f"{folder}/1-camera.json", f"{folder}/2-bus-2.json"}
    assert (set(keys(machine)), unfinished(machine)) == ({*written, *manifests}, 0)
    again = complete_sources(place, PRODUCTION, machine.s3)
    assert again == files
    assert complete_sources(place, "another0", machine.s3) == []


def test_places() -> None:
    assert sources_location("s3://b/x/ab12cd34/show.mp4") == "s3://b/x/ab12cd34/show-sources/"
    output = {"fileName": "show.mp4"}
    assert recording_location(output, PRODUCTION) == ""
    assert recording_location(output | {"record": "s3://b"}, PRODUCTION) == "s3://b/ab12cd34/show.mp4"
    assert recording_location(output | {"record": "s3://b/x/y"}, PRODUCTION) == "s3://b/x/y/ab12cd34/show.mp4"
    assert recording_location(output | {"location": "s3://b/final.mp4"}, PRODUCTION) == "s3://b/final.mp4"
    place = RecordingPlace.at("s3://b/final.mp4")
    assert (place.bucket, place.key, place.manifest_key) == ("b", "final.mp4", "final.json")
    assert place.key_of("final-2.mp4") == "final-2.mp4"
    found = [
        key
        for key in ("final.mp4", "final-2.mp4", "final-x.mp4", "finals.mp4", "a/final.mp4")
        if place.is_file(key)
    ]
    assert found == ["final.mp4", "final-2.mp4"]
