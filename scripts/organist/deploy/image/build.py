"""The Node-RED image: in the stack's registry, or built there by CodeBuild, each architecture by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.aws.errors import error_code, error_message
from organist.deploy.stack.stack_parameters import ImageSource

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_ecr import ECRClient

TRIES = 2  # a registry that is busy, a machine that does not come: the second build succeeds
BUILDS_LIMITED = "AccountLimitExceededException"
QUOTAS = "https://{region}.console.aws.amazon.com/servicequotas/home/services/codebuild/quotas"


class ImageBuildFailed(Exception):
    """CodeBuild could not build the image; without it no machine could start its task."""


class BuildsNotAllowed(ImageBuildFailed):
    """CodeBuild takes no build more from this account; new accounts have none at first."""


class SourceNotReadable(ImageBuildFailed):
    """The project's role may not read the image's source: it is of a deployment that knew only its own."""


@dataclass(frozen=True)
class MachineArchitecture:
    """A processor that machines have; ``overrides``, what StartBuild changes in the project to get one."""

    name: str
    overrides: Mapping[str, Any]


# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
X86_64 = MachineArchitecture("x86_64", {})
ARM64 = MachineArchitecture(
    "arm64",
    {
        "environmentTypeOverride": "ARM_CONTAINER",
        "imageOverride": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "computeTypeOverride": "BUILD_GENERAL1_SMALL",
    },
)


@dataclass(frozen=True)
class ImagePlace:
    """The registry that images go to, and the CodeBuild project that makes them."""

    repository: str
    uri: str
    project: str


def image_tags(tag: str, *, with_dynamorse: bool) -> list[str]:
    """Return the tags that productions need, as tasks/node-red/buildspec.yml makes them."""
    return [f"{tag}-{X86_64.name}", *([f"{tag}-dynamorse"] if with_dynamorse else [])]


def image_bytes(ecr: "ECRClient", repository: str, tag: str) -> int | None:
    """Return the compressed size of an image in the registry, None if there is no such image."""
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    except ClientError as error:
        if error_code(error) == "ImageNotFoundException":
            return None
        raise
    return int(found[0].get("imageSizeInBytes", 0)) if found else None


def build_images(
    codebuild: "CodeBuildClient",
    request: Mapping[str, Any],
    print_line: Callable[[str], None],
    sleep: Callable[[], None],
) -> None:
    """Build the image for each architecture and follow the builds to their ends.

    Only x86_64 is needed: what goes wrong with the other one is a warning.

    Args:
        codebuild: The client to ask.
        request: What StartBuild takes, as ``build_request`` gives it.
        print_line: Takes a line for the person at each new phase.
        sleep: Waits a moment.

    Raises:
        ImageBuildFailed: The message has the phase, its words and the log's address.
        BuildsNotAllowed: CodeBuild takes no build more from this account; new accounts have none at first.
        SourceNotReadable: The project's role may not read the image's source: it is of a deployment that knew
            only its own.
    """
    needed, spare = (_Build(codebuild, request, architecture, print_line) for architecture in (X86_64, ARM64))
    needed.start()
    spared = _try(spare.start, print_line)
    while not needed.succeeded or (spared and not spare.succeeded):
        sleep()
        if not needed.succeeded:
            needed.poll()
        if spared and not spare.succeeded:
            spared = _try(spare.poll, print_line)


def build_request(place: ImagePlace, source: ImageSource, *, with_dynamorse: bool) -> dict[str, Any]:
    """Return StartBuild's parameters: the project may still be that of an older source and another tag."""
    variables = {
        "REPOSITORY_URI": place.uri,
        "REPOSITORY_NAME": place.repository,
        "IMAGE_TAG": source.tag,
        "WITH_DYNAMORSE": "yes" if with_dynamorse else "no",
    }
    return {
        "projectName": place.project,
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": f"{source.bucket}/{source.key}",
        "environmentVariablesOverride": [
            {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
        ],
    }


class _Build:
    """The build of one architecture, begun again once if it fails."""

    def __init__(
        self,
        codebuild: "CodeBuildClient",
        request: Mapping[str, Any],
        architecture: MachineArchitecture,
        print_line: Callable[[str], None],
    ) -> None:
        self._codebuild = codebuild
        self._request = {**request, **architecture.overrides}
        self._name = architecture.name
        self._print_line = print_line
        self._tries = 0
        self._build: Any = None
        self._phase = ""
        self.succeeded = False

    def start(self) -> None:
        """Start it; its first poll follows at once."""
        self._tries += 1
        try:
            self._build = self._codebuild.start_build(**self._request)["build"]
        except ClientError as error:
            if error_code(error) != BUILDS_LIMITED:
                raise
            raise BuildsNotAllowed(_limited(error, self._codebuild.meta.region_name)) from error
        self._read()

    def poll(self) -> None:
        """Ask how it goes; raise ``ImageBuildFailed`` when it failed for good."""
        self._build = self._codebuild.batch_get_builds(ids=[self._build["id"]])["builds"][0]
        self._read()

    def _read(self) -> None:
        phase = self._build.get("currentPhase", "")
        if phase != self._phase:
            self._phase = phase
            self._print_line(f"image for {self._name}: {phase.lower().replace('_', ' ')}")
        status = self._build["buildStatus"]
        if status == "SUCCEEDED":
            self.succeeded = True
        elif status != "IN_PROGRESS":
            self._failed(status)

    def _failed(self, status: str) -> None:
        why = _why(self._build, self._name)
        if self._tries == TRIES or status == "STOPPED":
            # Only now: a role that has just been changed is denied for a moment, too.
            raise SourceNotReadable(why) if _is_denied_its_source(self._build) else ImageBuildFailed(why)
        self._print_line(f"{why}\nIt is tried once more.")
        self._phase = ""
        self.start()


def _try(step: Callable[[], None], print_line: Callable[[str], None]) -> bool:
    """Take a step that nothing depends on; if it fails, say so and return False."""
    try:
        step()
    except (ImageBuildFailed, ClientError) as error:
        print_line(
            f"Warning: there is no image for {ARM64.name} machines; no production needs it today. {error}"
        )
        return False
    return True


def _failed_phases(build: Any) -> list[tuple[str, str]]:
    """Return each phase that did not succeed, with its words."""
    return [
        (phase["phaseType"], context.get("message", ""))
        for phase in build.get("phases", [])
        if phase.get("phaseStatus") not in (None, "SUCCEEDED")
        for context in phase.get("contexts", []) or [{}]
    ]


def _is_denied_its_source(build: Any) -> bool:
    return any(
        phase == "DOWNLOAD_SOURCE" and ("AccessDenied" in words or "Access Denied" in words)
        for phase, words in _failed_phases(build)
    )


def _why(build: Any, name: str) -> str:
    failed = [f"{phase}: {words}" for phase, words in _failed_phases(build)]
    log = build.get("logs", {}).get("deepLink", "")
    message = f"The Node-RED image for {name} could not be built ({build['buildStatus']})."
    return "\n".join([message, *failed, f"Its log: {log}"])


def _limited(error: ClientError, region: str) -> str:
    # https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/1013
    # https://github.com/rebuy-de/aws-nuke/issues/1209
    return (
        f'CodeBuild takes no build: "{error_message(error)}". New accounts have no builds at first. Ask for '
        '"Concurrently running builds for Linux/Small environment" (1 will do) at '
        f"{QUOTAS.format(region=region)} or, where that shows more already, by a case at AWS Support, "
        "account and billing. If other builds are running, wait for their end. Then deploy again."
    )
