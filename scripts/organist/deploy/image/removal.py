"""Emptying an image repository, so that its stack can be deleted."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

IMAGES_A_CALL = 100  # the most that BatchDeleteImage takes
# An image that an index refers to goes once the index has gone.
ROUNDS = 2


def remove_images(ecr: "ECRClient", repository: str) -> list[str]:
    """Remove every image; return how many went, and how many ECR refused with its words, a line each.

    What it refuses is an answer, not an error:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    """
    digests = _digests(ecr, repository)
    left, refused = digests, []
    for _ in range(ROUNDS):
        refused = _delete(ecr, repository, left)
        left = sorted({str(failure.get("imageId", {}).get("imageDigest", "")) for failure in refused} - {""})
        if not left:
            break
    removed = len(digests) - len(left)
    lines = [f"{repository}: {removed} images removed"] if removed else []
    reasons = Counter(
        f"{failure.get('failureCode', 'no code')}: {failure.get('failureReason', 'no reason')}"
        for failure in refused
    )
    lines += [
        f"{repository}: {count} images were refused by ECR ({reason}); they go with the repository"
        for reason, count in reasons.items()
    ]
    return lines


def _digests(ecr: "ECRClient", repository: str) -> list[str]:
    try:
        pages = ecr.get_paginator("list_images").paginate(repositoryName=repository)
        # One image under two tags is listed twice.
        return sorted({image["imageDigest"] for page in pages for image in page.get("imageIds", [])})
    except ClientError as error:
        if error_code(error) == "RepositoryNotFoundException":
            return []
        raise


def _delete(ecr: "ECRClient", repository: str, digests: list[str]) -> list[Any]:
    failures: list[Any] = []
    for start in range(0, len(digests), IMAGES_A_CALL):
        some = [{"imageDigest": digest} for digest in digests[start : start + IMAGES_A_CALL]]
        answer = ecr.batch_delete_image(repositoryName=repository, imageIds=some)  # type: ignore[arg-type]
        failures += answer.get("failures", [])
    return failures
