"""The image's builds, against the exact calls of CodeBuild and ECR."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from organist.deploy.image.build import (
    BuildsNotAllowed,
    ImageBuildFailed,
    ImagePlace,
    SourceNotReadable,
    build_images,
    build_request,
    image_bytes,
    image_tags,
)
from organist.deploy.stack.stack_parameters import ImageSource

Stubs = Callable[[str], tuple[Any, Stubber]]
PLACE = ImagePlace("images", "1.dkr.ecr.eu-west-1.amazonaws.com/images", "nodeREDImage")
SOURCE = ImageSource("my-bucket", "organist/node-red-image-1f.zip", "1f")
REQUEST = build_request(PLACE, SOURCE, with_dynamorse=False)
ON_ARM64 = {
    **REQUEST,
    "environmentTypeOverride": "ARM_CONTAINER",
    "imageOverride": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    "computeTypeOverride": "BUILD_GENERAL1_SMALL",
}
X86_64, ARM64 = "image:x86_64", "image:arm64"
# CodeBuild's words: https://github.com/hashicorp-education/learn-terraform-aws-control-tower-aft/issues/7
NO_BUILDS = "Cannot have more than 0 builds in queue for the account"
# https://github.com/aws-samples/aws-simple-streaming-webapp/issues/8
DENIED = "AccessDenied: Access Denied\n\tstatus code: 403, request id: B, host id: L for primary source"


class Builds:
    """CodeBuild as a test says: what each build is asked with, and what each poll of it gives."""

    def __init__(self, stubs: Stubs) -> None:
        self.client, self._stubber = stubs("codebuild")
        self.message: list[str] = []

    def start(self, identity: str, status: str = "IN_PROGRESS", phase: str = "QUEUED", **more: Any) -> None:
        asked = REQUEST if identity == X86_64 else ON_ARM64
        answer = {"build": build(identity, status, phase, **more)}
        self._stubber.add_response("start_build", answer, asked)

    def refuse(self, identity: str, code: str, words: str) -> None:
        asked = REQUEST if identity == X86_64 else ON_ARM64
        self._stubber.add_client_error("start_build", code, words, expected_params=asked)

    def poll(self, identity: str, status: str, phase: str = "COMPLETED", **more: Any) -> None:
        answer = {"builds": [build(identity, status, phase, **more)]}
        self._stubber.add_response("batch_get_builds", answer, {"ids": [identity]})

    def run(self) -> None:
        build_images(self.client, REQUEST, self.message.append, lambda: None)


def build(identity: str, status: str, phase: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "buildStatus": status, "currentPhase": phase, **more}


def failed(phase: str, words: str) -> dict[str, Any]:
    """What a build says that failed in a phase."""
    message = [{"phaseType": "QUEUED", "phaseStatus": "SUCCEEDED"}]
    message.append({"phaseType": phase, "phaseStatus": "FAILED", "contexts": [{"message": words}]})  # type: ignore[dict-item]
    return {"phases": message, "logs": {"deepLink": f"https://logs/{phase}"}}


@pytest.fixture
def builds(stubs: Stubs) -> Builds:
    return Builds(stubs)


def test_what_is_asked_for_is_the_new_source_and_tag_whatever_the_project_has() -> None:
    asked = build_request(PLACE, SOURCE, with_dynamorse=True)
    variables = {entry["name"]: entry["value"] for entry in asked.pop("environmentVariablesOverride")}
    assert variables == {
        "REPOSITORY_URI": PLACE.uri,
        "REPOSITORY_NAME": "images",
        "IMAGE_TAG": "1f",
        "WITH_DYNAMORSE": "yes",
    }
    assert asked == {
        "projectName": "nodeREDImage",
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": "my-bucket/organist/node-red-image-1f.zip",
    }
    assert image_tags("1f", with_dynamorse=True) == ["1f-x86_64", "1f-dynamorse"]
    assert image_tags("1f", with_dynamorse=False) == ["1f-x86_64"]


def test_both_architectures_are_built_beside_each_other_and_followed_to_their_ends(builds: Builds) -> None:
    builds.start(X86_64)
    builds.start(ARM64)
    builds.poll(X86_64, "IN_PROGRESS", "BUILD")
    builds.poll(ARM64, "SUCCEEDED")
    builds.poll(X86_64, "SUCCEEDED")
    builds.run()
    assert builds.message == [
        "image for x86_64: queued",
        "image for arm64: queued",
        "image for x86_64: build",
        "image for arm64: completed",
        "image for x86_64: completed",
    ]


def test_a_build_that_fails_is_tried_once_more(builds: Builds) -> None:
    builds.start(X86_64)
    builds.start(ARM64, "SUCCEEDED")
    builds.poll(X86_64, "FAILED", **failed("BUILD", "toomanyrequests"))
    builds.start(X86_64)
    builds.poll(X86_64, "SUCCEEDED")
    builds.run()
    assert "toomanyrequests" in "".join(builds.message)
    assert "It is tried once more." in "".join(builds.message)


def test_a_build_that_fails_twice_says_which_phase_why_and_where_its_log_is(builds: Builds) -> None:
    builds.start(X86_64)
    builds.start(ARM64)
    builds.poll(X86_64, "FAILED", **failed("BUILD", "exit status 1"))
    builds.start(X86_64)
    builds.poll(ARM64, "SUCCEEDED")
    builds.poll(X86_64, "FAILED", **failed("BUILD", "exit status 2"))
    with pytest.raises(ImageBuildFailed) as why:
        builds.run()
    assert "x86_64" in str(why.value)
    assert "BUILD: exit status 2" in str(why.value)
    assert "https://logs/BUILD" in str(why.value)


def test_a_build_that_somebody_stopped_is_not_begun_again(builds: Builds) -> None:
    builds.start(X86_64)
    builds.start(ARM64, "SUCCEEDED")
    builds.poll(X86_64, "STOPPED")
    with pytest.raises(ImageBuildFailed, match="STOPPED"):
        builds.run()


def test_a_failing_arm64_costs_the_other_image_nothing(builds: Builds) -> None:
    builds.start(X86_64)
    builds.start(ARM64)
    builds.poll(X86_64, "IN_PROGRESS")
    builds.poll(ARM64, "FAILED", **failed("BUILD", "exit status 1"))
    builds.start(ARM64, "FAILED", **failed("BUILD", "exit status 1"))
    builds.poll(X86_64, "SUCCEEDED")
    builds.run()
    (warning,) = [line for line in builds.message if line.startswith("Warning")]
    assert "no image for arm64 machines" in warning
    assert "exit status 1" in warning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        # https://github.com/aws/copilot-cli/issues/3110, in a region without such machines
        ("InvalidInputException", "Environment type ARM_CONTAINER is not supported in this region"),
        ("AccountLimitExceededException", "Cannot have more than 1 builds in queue for the account"),
    ],
)
def test_a_region_or_an_account_without_arm64_builds_is_told(builds: Builds, code: str, words: str) -> None:
    builds.start(X86_64)
    builds.refuse(ARM64, code, words)
    builds.poll(X86_64, "SUCCEEDED")
    builds.run()
    assert words in "".join(builds.message)


def test_an_account_without_builds_gets_the_advice(builds: Builds) -> None:
    builds.refuse(X86_64, "AccountLimitExceededException", NO_BUILDS)
    with pytest.raises(BuildsNotAllowed) as why:
        builds.run()
    message = str(why.value)
    assert NO_BUILDS in message
    assert "Concurrently running builds for Linux/Small environment" in message
    assert "https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/codebuild/quotas" in message
    assert "AWS Support" in message


def test_what_codebuild_refuses_for_another_reason_goes_through(builds: Builds) -> None:
    builds.refuse(X86_64, "ResourceNotFoundException", "Project cannot be found")
    with pytest.raises(ClientError, match="cannot be found"):
        builds.run()


def test_a_role_that_may_not_read_the_source_is_known_by_it(builds: Builds) -> None:
    builds.start(X86_64, "FAILED", **failed("DOWNLOAD_SOURCE", DENIED))
    builds.start(X86_64, "FAILED", **failed("DOWNLOAD_SOURCE", DENIED))
    with pytest.raises(SourceNotReadable):
        builds.run()


def test_another_failure_of_the_download_is_another(builds: Builds) -> None:
    for _ in range(2):
        builds.start(X86_64, "FAILED", **failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR: buildspec.yml"))
    with pytest.raises(ImageBuildFailed) as why:
        builds.run()
    assert type(why.value) is ImageBuildFailed


@pytest.mark.parametrize("size", [187_000_000, None])
def test_the_size_of_an_image(stubs: Stubs, size: int | None) -> None:
    ecr, stubber = stubs("ecr")
    asked = {"repositoryName": "images", "imageIds": [{"imageTag": "1f-x86_64"}]}
    if size is None:
        stubber.add_client_error("describe_images", "ImageNotFoundException", expected_params=asked)
    else:
        answer = {"imageDetails": [{"imageTags": ["1f-x86_64"], "imageSizeInBytes": size}]}
        stubber.add_response("describe_images", answer, asked)
    assert image_bytes(ecr, "images", "1f-x86_64") == size
