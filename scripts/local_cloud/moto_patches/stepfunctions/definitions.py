"""A definition is parsed once, not for each execution, which took a tenth of a second of every one."""

import copy
import functools
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from local_cloud.moto_patches.replacements import Replacements

_parsed = functools.lru_cache(maxsize=64)(AmazonStateLanguageParser.parse)


def install(replacements: Replacements) -> None:
    """Give each execution a copy of its own: states keep what they do in themselves."""

    def parsed(worker: Any) -> Any:
        program, _ = _parsed(worker._evaluation_details.state_machine_details.definition)
        return copy.deepcopy(program)

    replacements.replace(ExecutionWorker, "_get_evaluation_entrypoint", parsed)
