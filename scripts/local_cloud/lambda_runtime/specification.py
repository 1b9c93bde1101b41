"""What makes a function a function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FunctionSpecification:
    """A function as it was deployed; ``timeout`` in seconds, ``memory`` in MiB."""

    name: str
    arn: str
    handler: str
    """``package.module.function``, importable from one of the code folders."""
    timeout: float
    memory: int
    variables: Mapping[str, str]
    log_group: str
    role: str
    """The ARN of the role that it runs with."""

    @property
    def identity(self) -> str:
        """Differs when anything differs: a worker serves one identity only."""
        return repr((self.name, self.handler, self.memory, self.role, sorted(self.variables.items())))


@dataclass(frozen=True)
class Surroundings:
    """What all functions have around them."""

    region: str
    endpoint: str
    code_folders: tuple[Path, ...]
    log_folder: Path
    open_log: Callable[[str, str, Path], None]
    """Told the log group, the function's name and the file that its output is written to."""


@dataclass(frozen=True)
class InvocationResult:
    """A function's answer: the payload as JSON, and whether it is an error."""

    payload: bytes
    failed: bool
