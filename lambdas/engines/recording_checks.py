"""Whether a production can be recorded and published where its document says, before anything is started."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import DENIED, error_code
from lambdas.modules.catalogue import Engine
from lambdas.production.source_recordings import unknown_sources
from lambdas.recording.places import EXACT, LONGEST, RecordingPlace
from lambdas.runtime.settings import ModuleSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PUBLISH = "$.output.publish"
MEND = {
    "$.output.location": "organist deploy --media-buckets {}",
    "$.output.record": "organist deploy --media-buckets {}",
    PUBLISH: "organist deploy --publish {}, or --publish own for a bucket of the stack's",
}
UNKNOWN_BUCKET = ("404", "NoSuchBucket", "NotFound")
UNSEEN = (*DENIED, "403", "Forbidden", "ServerSideEncryptionConfigurationNotFoundError")
"""Where the function may not look the engine finds out, and says so while the show goes on."""


def recording_mistakes(whole: dict[str, Any], engine: Engine) -> list[str]:
    """Return what contradicts itself in where a valid document with its defaults records to."""
    output = whole["output"]
    if engine is not Engine.MEDIA:
        expected = {"record": "$.output.location", "recordSources": "none", "publish": "none"}
        return [
            f"$.output.{name} is given; expected {other} with the dynamorse engine"
            for name, other in expected.items()
            if output.get(name)
        ]
    return [*unknown_sources(whole), *_wrong_location(output)]


def _wrong_location(output: dict[str, Any]) -> list[str]:
    if "location" not in output:
        return []
    if "record" in output:
        return ["$.output.record and $.output.location are both given; expected one of them"]
    location = output["location"]
    if EXACT.fullmatch(location) and len(location) <= LONGEST:
        return []
    return [
        f'$.output.location is "{location}"; expected s3://bucket/key that ends in .mp4, of letters, digits '
        f"and . _ - / with {LONGEST} characters at the most"
    ]


def places_in_s3(document: dict[str, Any], engine: Engine) -> dict[str, str]:
    """Return where a valid document records and publishes to: the place by the JSON path that names it."""
    output = document.get("output", {}) if engine is Engine.MEDIA else {}
    named = ("location", "record", "publish")
    return {f"$.output.{name}": output[name] for name in named if name in output}


def foreign_buckets(document: dict[str, Any], engine: Engine, settings: ModuleSettings) -> list[str]:
    """Return which places that a valid document records and publishes to the machines may not write.

    Args:
        document: The document.
        engine: The production's engine.
        settings: The deployment's buckets.
    """
    known = ", ".join(settings.media_buckets) or "none"
    return [
        f'{path} is in the bucket "{bucket}"; expected one of the deployment\'s media buckets ({known}), '
        f"which the machines may write: {MEND[path].format(bucket)}"
        for path, location in places_in_s3(document, engine).items()
        if (bucket := RecordingPlace.at(location).bucket) not in settings.media_buckets
        and not (path == PUBLISH and bucket == settings.publish_bucket)
    ]


def bucket_mistakes(path: str, location: str, settings: ModuleSettings, s3: "S3Client") -> list[str]:
    """Return why a bucket cannot take what is put into it, as far as the function may look.

    Args:
        path: The JSON path that named it.
        location: In the bucket: ``s3://bucket``, perhaps with a key.
        settings: The deployment's region and keys.
        s3: The client to ask.
    """
    bucket = RecordingPlace.at(location).bucket
    try:
        return list(_looked_at(path, bucket, settings, s3))
    except ClientError as error:
        if error_code(error) in UNKNOWN_BUCKET:
            return [f'{path} is in the bucket "{bucket}", which does not exist; expected one that does']
        if error_code(error) in UNSEEN:
            return []
        raise


def _looked_at(path: str, bucket: str, settings: ModuleSettings, s3: "S3Client") -> Iterator[str]:
    region = s3.head_bucket(Bucket=bucket).get("BucketRegion")
    if region and region != settings.region:
        yield (
            f'{path} is in the bucket "{bucket}" of {region}; expected one of {settings.region}, where the '
            "machines are: traffic between regions costs and delays"
        )
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    for rule in rules:
        key = rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", "")
        # An id or an alias is AWS's own key's, or one that the deployment has looked up.
        if key.startswith("arn:") and ":key/" in key and key not in settings.media_keys:
            yield (
                f'{path} is in the bucket "{bucket}", which encrypts with {key}; expected a key that the '
                "machines may use: organist deploy finds it anew"
            )
