"""makeModuleParams: what to install on a machine, in order, each module with its full npm name."""

from lambdas.entry import Event, Result, entry_point, require
from lambdas.module_catalogue import Engine, Module, choose_engine, modules_to_install


@entry_point
def handler(event: Event) -> Result:
    """Give the parameters of each installNodeREDModule call.

    Parameters: ``event`` is ``{"instanceName", "modules"}`` and may have ``engine`` and ``privateAddress``.
    """
    require(event, ["instanceName"])
    asked = event.get("modules") or []
    engine = Engine(event.get("engine") or choose_engine(asked))
    return {
        "instanceName": event["instanceName"],
        "modules": [_parameters(module) for module in modules_to_install(asked, engine)],
    }


def _parameters(module: Module) -> dict[str, str]:
    parameters = {"moduleName": module.name, "version": module.version, "url": module.url}
    return {key: value for key, value in parameters.items() if value}
