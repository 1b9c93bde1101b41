"""What checkProduction can find wrong while a production is going on air or is there."""

from lambdas.errors import Kind, OrganistError


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
    advice = "If it never opens, the mixer mixes nothing: see its sources, and its log in the log group NTS."


class MediaChainDown(OrganistError):
    """A chain that was on air delivers nothing; the machine is restarting it."""

    kind = Kind.RETRY
    advice = "If it stays so, the chain's last error says why; the whole story is in the log group NTS."
