"""Whether the registry has the image that the task definitions name, for each architecture."""

from organist.account.aws_account import Account
from organist.deploy.image.build import ARM64, X86_64, image_bytes, image_tags
from organist.doctor.deployed_parts import DeployedParts
from organist.doctor.findings import Finding, FindingState

CHECK = "image"
MEGABYTE = 1_000_000


def check_image(account: Account, parts: DeployedParts) -> list[Finding]:
    """Return a finding for each image."""
    outputs = parts.stack.outputs
    if not outputs.get("NodeREDRepositoryName"):
        message = "not to be asked here: a local cloud has no images, its tasks run this computer's Node-RED"
        return [Finding(CHECK, "Node-RED", FindingState.NOT_ASKED, message)]
    task = account.ecs.describe_task_definition(taskDefinition=parts.task_definitions[0])["taskDefinition"]
    base = task["containerDefinitions"][0]["image"].rpartition(":")[2].removesuffix(f"-{X86_64.name}")
    dynamorse = parts.variable("validateInput", "DYNAMORSE_IMAGE") == "yes"
    needed = image_tags(base, with_dynamorse=dynamorse)
    return [
        _image(account, outputs["NodeREDRepositoryName"], tag, needed=tag in needed)
        for tag in (*needed, f"{base}-{ARM64.name}")
    ]


def _image(account: Account, repository: str, tag: str, *, needed: bool) -> Finding:
    size = image_bytes(account.ecr, repository, tag)
    if size is not None:
        return Finding(CHECK, tag, FindingState.OK, f"is there, {size / MEGABYTE:.0f} MB compressed")
    if needed:
        return Finding(
            CHECK, tag, FindingState.FAILED, f"is not in {repository}", "Deploy again: that builds it."
        )
    return Finding(CHECK, tag, FindingState.OK, "is not there; no production needs it today")
