"""The Node-RED image: in the stack's registry, or built there by CodeBuild."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws_errors import error_code

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_ecr import ECRClient


class ImageBuildFailed(Exception):
    """CodeBuild could not build the image; the stack is there, but no machine could start its task."""


def image_tags(tag: str, *, with_dynamorse: bool) -> list[str]:
    """Give the tags that the build makes, as tasks/node-red/buildspec.yml does."""
    return [tag, f"{tag}-dynamorse"] if with_dynamorse else [tag]


def has_image(ecr: "ECRClient", repository: str, tag: str) -> bool:
    """Tell whether the registry has the image."""
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error_code(error) == "ImageNotFoundException":
            return False
        raise
    return bool(found["imageDetails"])


def build_image(
    codebuild: "CodeBuildClient", project: str, tell: Callable[[str], None], pause: Callable[[], None]
) -> None:
    """Build the image and follow the build to its end.

    Parameters: ``tell`` takes a line for the person at each new phase; ``pause`` waits a moment.
    Raises: ``ImageBuildFailed`` with the phase, its words and the log's address.
    """
    build: Any = codebuild.start_build(projectName=project)["build"]
    phase = ""
    while True:
        if build.get("currentPhase", "") != phase:
            phase = build.get("currentPhase", "")
            tell(f"image: {phase.lower().replace('_', ' ')}")
        if build["buildStatus"] != "IN_PROGRESS":
            break
        pause()
        build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
    if build["buildStatus"] != "SUCCEEDED":
        raise ImageBuildFailed(_why(build))


def _why(build: Any) -> str:
    failed = [
        f"{phase['phaseType']}: {context.get('message', '')}"
        for phase in build.get("phases", [])
        if phase.get("phaseStatus") not in (None, "SUCCEEDED")
        for context in phase.get("contexts", []) or [{}]
    ]
    log = build.get("logs", {}).get("deepLink", "")
    return "\n".join(
        [f"The Node-RED image could not be built ({build['buildStatus']}).", *failed, f"Its log: {log}"]
    )
