"""The role by which ECS works in an account: a fresh account has none until somebody makes it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.aws.errors import DENIED, error_code, error_message

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

SERVICE = "ecs.amazonaws.com"
ROLE = "AWSServiceRoleForECS"
# IAM's words for a role that is there.
THERE = "has been taken"


def ensure_ecs_role(iam: "IAMClient", print_line: Callable[[str], None]) -> None:
    """Make ECS's service-linked role unless the account has it.

    Args:
        iam: The client to ask.
        print_line: Takes a line for the person, who may not have the right to make it.
    """
    try:
        iam.create_service_linked_role(AWSServiceName=SERVICE)
    except ClientError as error:
        if THERE in error_message(error):
            return
        if error_code(error) not in DENIED:
            raise
        print_line(
            f"Warning: you may not make the role {ROLE} (iam:CreateServiceLinkedRole). If this account never "
            "had an ECS cluster, ask its owner: "
            f"aws iam create-service-linked-role --aws-service-name {SERVICE}"
        )
        return
    print_line(f"The role {ROLE} is made: this account had none.")
