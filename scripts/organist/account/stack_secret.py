"""The secret that a stack's tokens, passwords and passphrases derive from."""

from lambdas.production.secrets import secret_value
from organist.account.aws_account import Account, AccountError
from organist.account.deployed_stack import DeployedStack, describe_stack

RESOURCE_TYPE = "AWS::SecretsManager::Secret"


def stack_secret(account: Account, deployed: DeployedStack) -> str:
    """Return the secret that a stack's passwords derive from.

    Raises:
        AccountError: The stack has none.
    """
    if describe_stack(account, deployed.name) is not None:
        found = _secrets_of_stack(account, deployed.name)
    else:  # the local cloud: no stack, but secrets named as CloudFormation names a stack's
        own = [{"Key": "name", "Values": [f"{deployed.name}-"]}]
        listed = account.secrets.list_secrets(Filters=own)["SecretList"]  # type: ignore[arg-type]
        found = [secret["ARN"] for secret in listed]
    if not found:
        raise AccountError(f"The stack {deployed.name} has no secret: deploy again.")
    return secret_value(account.secrets.get_secret_value(SecretId=found[0])["SecretString"])


def _secrets_of_stack(account: Account, name: str) -> list[str]:
    pages = account.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return [
        found["PhysicalResourceId"]
        for page in pages
        for found in page["StackResourceSummaries"]
        if found["ResourceType"] == RESOURCE_TYPE and "PhysicalResourceId" in found
    ]
