"""Every answer of Node-RED's admin API that is not success, and what is wrong on air, by name.

https://nodered.org/docs/api/admin/errors
"""

from lambdas.runtime.errors import Kind, OrganistError


class NodeREDUnreachable(OrganistError):
    """Node-RED gave no answer, or a server error: it starts, is overloaded, or is gone."""

    kind = Kind.RETRY
    advice = "If this persists, look at the Node-RED task in ECS and at its log in the log group NTS."


class NodeREDUnauthorised(OrganistError):
    """Node-RED refused the function's token."""

    kind = Kind.FATAL
    advice = "The stack's secret changed while the machine was running: start the production again."


class NodeREDAnswerUnknown(OrganistError):
    """Node-RED answered in a way that this version of the client does not know."""

    kind = Kind.BUG


class ModuleUnknown(OrganistError):
    """The npm registry has no such module or version."""

    kind = Kind.FATAL
    advice = "Check the name and the version with: npm view NAME versions."


class ModuleInstallFailed(OrganistError):
    """npm could not install the module: no such version, a failed native build, or no Node-RED module."""

    kind = Kind.FATAL
    advice = "npm's own words are in the Node-RED task's log, in the log group NTS."


class ModuleInstallUnfinished(OrganistError):
    """The installation takes longer than the function waits for an answer; npm goes on with it."""

    kind = Kind.RETRY
    advice = (
        "If this persists, the machine is too small for the module's build: choose a larger instanceType."
    )


class ModuleVersionConflict(OrganistError):
    """The module is there in another version than the production asks for."""

    kind = Kind.FATAL
    advice = "Ask for one version of the module only; Node-RED loads another one only after a restart."


class ModuleNotAllowed(OrganistError):
    """The module is not on the allow list that the machine was started with."""

    kind = Kind.FATAL
    advice = "Name the module in the input's modules, so that startNodeRED puts it on the list."


class ModuleNotInImage(OrganistError):
    """The module comes with the container image, and the image that runs is an older one without it."""

    kind = Kind.FATAL
    advice = "Deploy again, which builds the image of this version."


class NodeTypesMissing(OrganistError):
    """The flow uses node types that no installed module has."""

    kind = Kind.FATAL
    advice = "Add the module that has them to the machine's modules."


class FlowRefused(OrganistError):
    """Node-RED did not take the flow."""

    kind = Kind.FATAL
    advice = "Import the flow in the editor to see what is wrong with it."


class NodesNotConstructed(OrganistError):
    """Node-RED took the flow and runs it without some of its nodes: their constructors threw."""

    kind = Kind.FATAL
    advice = (
        "The module that the message names does not suit this Node-RED or its settings: give another version."
    )


class NotOnAirYet(OrganistError):
    """A chain has not delivered its first picture yet."""

    kind = Kind.RETRY
    advice = (
        "If it never does, the chain's last error says why; a source that does not play is the usual reason."
    )


class FlowFaulty(OrganistError):
    """Something in a deployed flow is wrong: the machine does not even try to put the chain on air."""

    kind = Kind.FATAL
    advice = "Mend what the message names, in the document or in the editor, and start again."


class UpstreamNotOpen(OrganistError):
    """The output that a flow pulls from is not open yet, so the flow is not deployed yet."""

    kind = Kind.RETRY
    advice = (
        "If it never opens, nothing is mixed: see the sources (a live one has to send before the mixer "
        "machine's flow is deployed), and the log in the log group NTS."
    )


class MediaChainDown(OrganistError):
    """A chain that was on air delivers nothing; the machine is restarting it."""

    kind = Kind.RETRY
    advice = "If this persists, the chain's last error says why; the whole log is in the log group NTS."
