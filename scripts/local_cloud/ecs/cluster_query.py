"""ECS's cluster query language, as far as the project uses it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
"""

import re
from collections.abc import Callable

from local_cloud.ecs.errors import InvalidParameter
from local_cloud.ecs.instances import ContainerInstance

_EQUALS = re.compile(r"ec2InstanceId\s*==\s*(?P<id>[\w-]+)")
_AGENT = re.compile(r"agentConnected\s*==\s*(?P<value>true|false)")
_AMONG = re.compile(r"ec2InstanceId\s+in\s*\[(?P<ids>[\w\s,-]*)\]")


def matcher(expression: str) -> Callable[[ContainerInstance], bool]:
    """Return what tells whether a container instance fits an expression.

    Raises:
        InvalidParameter: The expression is not one of those that are known here.
    """
    if equals := _EQUALS.fullmatch(expression.strip()):
        wanted = {equals["id"]}
    elif agent := _AGENT.fullmatch(expression.strip()):
        connected = agent["value"] == "true"
        return lambda instance: instance.agent_connected == connected
    elif among := _AMONG.fullmatch(expression.strip()):
        wanted = {part.strip() for part in among["ids"].split(",")}
    else:
        raise InvalidParameter(f"Invalid expression: {expression}")
    return lambda instance: instance.host.instance_id in wanted
