"""What keeps the set-up from its end: each says what happened and what to do."""


class SetupError(Exception):
    """The set-up cannot go on: the container ends with 1, and its log says why.

    A store that is not set up keeps Logstash from starting, and ECS starts the task anew. Kibana goes on
    without its dashboards until the task is started the next time.
    """


class VariableMissing(SetupError):
    """A variable of the environment is not set: the task definition is wrong."""


class ServerUnreachable(SetupError):
    """The server did not answer in time."""


class ServerRefused(SetupError):
    """The server answered that it will not."""
