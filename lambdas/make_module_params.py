"""makeModuleParams: what to install on a machine, in order, each module with its full npm name."""

from lambdas.engines.dynamorse_modules import locate_modules
from lambdas.modules.catalogue import Engine, Module, choose_engine, modules_to_install
from lambdas.modules.deployed_source import open_module_source
from lambdas.runtime.entry import Event, Result, entry_point, require
from lambdas.runtime.settings import ModuleSettings


@entry_point
def handler(event: Event) -> Result:
    """Return the parameters of each installNodeREDModule call.

    Args:
        event: ``{"instanceName", "modules"}`` and, if known, ``engine`` and ``privateAddress``.

    Raises:
        ModuleNotAvailable: No source has a module that the production asks for; the message names module and
            sources.
        ModuleSourceUnreachable: The registry that the deployment names gave no answer that makes sense.
        ModuleSourceInvalid: The deployment's ModuleSource is neither a registry's URL nor a place in S3.
    """
    require(event, ["instanceName"])
    asked = event.get("modules") or []
    engine = Engine(event.get("engine") or choose_engine(asked))
    modules = _dynamorse_modules(asked) if engine is Engine.DYNAMORSE else modules_to_install(asked, engine)
    return {"instanceName": event["instanceName"], "modules": [_parameters(module) for module in modules]}


def _dynamorse_modules(asked: list[str | dict[str, str]]) -> list[Module]:
    # For this engine alone: boto3 takes a good part of a cold start.
    from lambdas.aws.clients import named_aws_errors, s3_client  # noqa: PLC0415

    setting = ModuleSettings.from_env().module_source
    return named_aws_errors(lambda: locate_modules(asked, open_module_source(setting, s3_client)))()


def _parameters(module: Module) -> dict[str, str]:
    parameters = {"moduleName": module.name, "version": module.version, "url": module.url}
    return {key: value for key, value in parameters.items() if value}
