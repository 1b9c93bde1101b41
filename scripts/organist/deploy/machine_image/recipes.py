"""What is baked for a deployed stack, and whether it has to be again."""

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.aws.baked_images import find_baked, usable_image
from lambdas.new_instance import IMAGE_PARAMETERS
from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import describe_stack, parameter_value, stack_outputs
from organist.deploy.machine_image.baking import Oven, Recipe

STANDARD_TYPE = "t3.small"
ARCHITECTURE = "x86_64"  # the only one that productions run on


def bake_for(
    account: Account,
    stack: str,
    instance_type: str,
    print_line: Callable[[str], None],
    sleep: Callable[[float], None],
) -> str:
    """Bake for a deployed stack; return the machine image's id.

    Args:
        account: The account.
        stack: The stack's name.
        instance_type: The machine's.
        print_line: Takes a line for the person.
        sleep: Waits so many seconds.

    Raises:
        AccountError: There is no such stack.
        BakingFailed: No image was made.
    """
    described = describe_stack(account, stack)
    outputs = stack_outputs(described or {})
    if "LaunchTemplateId" not in outputs:
        raise AccountError(
            f"There is no stack {stack} in {account.region} that productions run in; deploy first."
        )
    ssm = account.session.client("ssm", endpoint_url=account.endpoint_url)
    recipe = Recipe(
        stack=stack,
        container_image=_container_image(described, outputs),
        base=ssm.get_parameter(Name=IMAGE_PARAMETERS[ARCHITECTURE])["Parameter"]["Value"],
        launch_template=outputs["LaunchTemplateId"],
        subnet=parameter_value(described, "SubnetIds").split(",")[0],
        instance_type=instance_type,
    )
    return Oven(account, print_line, sleep).bake(recipe)


def advice(account: Account, stack: str) -> str:
    """Return what to do where the stack's machine image holds another container image, else ""."""
    described = describe_stack(account, stack)
    outputs = stack_outputs(described or {})
    if "NodeREDRepositoryUri" not in outputs or not any(find_baked(account.ec2, stack)):
        return ""
    if usable_image(account.ec2, stack, _container_image(described, outputs)):
        return ""
    return (
        f"The stack's machine image holds an older container image and is not used any more: "
        f"`organist bake --stack {stack}` makes a new one."
    )


def _container_image(described: Mapping[str, Any] | None, outputs: Mapping[str, str]) -> str:
    return f"{outputs['NodeREDRepositoryUri']}:{parameter_value(described, 'NodeREDImageTag')}-{ARCHITECTURE}"
