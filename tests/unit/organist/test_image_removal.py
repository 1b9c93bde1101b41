"""Emptying a repository: what ECR refuses to delete is an answer, not an error."""

from collections.abc import Callable
from typing import Any

from botocore.stub import Stubber

from organist.deploy.image.removal import remove_images

Stubs = Callable[[str], tuple[Any, Stubber]]


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def ids(*numbers: int) -> list[dict[str, str]]:
    return [{"imageDigest": digest(number)} for number in numbers]


def failure(number: int, code: str) -> dict[str, Any]:
    return {"imageId": {"imageDigest": digest(number)}, "failureCode": code, "failureReason": "says ECR"}


def asked(*numbers: int) -> dict[str, Any]:
    return {"repositoryName": "images", "imageIds": ids(*numbers)}


def test_every_image_goes_once_whatever_it_is_called(stubs: Stubs) -> None:
    ecr, stubber = stubs("ecr")
    listed = [{**one, "imageTag": tag} for one in ids(1) for tag in ("a", "b")]
    stubber.add_response("list_images", {"imageIds": [*listed, *ids(2)]}, {"repositoryName": "images"})
    stubber.add_response("batch_delete_image", {"imageIds": ids(1, 2), "failures": []}, asked(1, 2))
    assert remove_images(ecr, "images") == ["images: 2 images removed"]


def test_what_an_index_refers_to_goes_after_it(stubs: Stubs) -> None:
    ecr, stubber = stubs("ecr")
    stubber.add_response("list_images", {"imageIds": ids(1, 2)})
    held = [failure(1, "ImageReferencedByManifestList")]
    stubber.add_response("batch_delete_image", {"failures": held}, asked(1, 2))
    stubber.add_response("batch_delete_image", {"failures": []}, asked(1))
    assert remove_images(ecr, "images") == ["images: 2 images removed"]


def test_what_ecr_refuses_is_counted_and_named(stubs: Stubs) -> None:
    ecr, stubber = stubs("ecr")
    stubber.add_response("list_images", {"imageIds": ids(1, 2, 3)})
    held = [failure(1, "KmsError"), failure(2, "KmsError")]
    stubber.add_response("batch_delete_image", {"failures": held}, asked(1, 2, 3))
    stubber.add_response("batch_delete_image", {"failures": held}, asked(1, 2))
    removed, refused = remove_images(ecr, "images")
    assert removed == "images: 1 images removed"
    assert refused.startswith("images: 2 images were refused by ECR (KmsError: says ECR)")


def test_an_empty_repository_and_none_at_all(stubs: Stubs) -> None:
    ecr, stubber = stubs("ecr")
    stubber.add_response("list_images", {})
    stubber.add_client_error("list_images", "RepositoryNotFoundException")
    assert remove_images(ecr, "images") == []
    assert remove_images(ecr, "images") == []
