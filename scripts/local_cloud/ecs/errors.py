"""Amazon ECS's errors, with its codes."""


class EcsError(Exception):
    """An error that the API answers with: ``code`` and a message."""

    code = "ServerException"


class ClusterNotFound(EcsError):
    """There is no such cluster, or it is INACTIVE."""

    code = "ClusterNotFoundException"

    def __init__(self) -> None:
        super().__init__("Cluster not found.")


class InvalidParameter(EcsError):
    """A parameter is not valid for the request."""

    code = "InvalidParameterException"


class ClientError(EcsError):
    """The request cannot be followed, such as an unknown task definition."""

    code = "ClientException"


class Conflict(EcsError):
    """The client token was used before, with other parameters."""

    code = "ConflictException"


class ClusterContainsContainerInstances(EcsError):
    """DeleteCluster while container instances are registered."""

    code = "ClusterContainsContainerInstancesException"

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Container Instances are active or draining.")


class ClusterContainsTasks(EcsError):
    """DeleteCluster while tasks are active."""

    code = "ClusterContainsTasksException"

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Tasks are active.")
