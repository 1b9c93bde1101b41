"""What can go wrong when a module is looked for that npm does not have."""

from collections.abc import Sequence

from lambdas.runtime.errors import Kind, OrganistError


class ModuleNotAvailable(OrganistError):
    """No source has a module that the production asks for; the message names module and sources."""

    kind = Kind.FATAL
    advice = (
        "Nothing was started. Deploy with --module-source (ModuleSource: an npm registry's URL, or the "
        "s3://bucket/prefix that has the tarballs), run locally with it, or give the module a url."
    )

    def __init__(self, missing: Sequence[str], tried: Sequence[str]) -> None:
        """Take the modules that are missing and the sources that were tried for them."""
        self.missing = list(missing)
        super().__init__(f"No source has {', '.join(missing)}. Tried: {'; '.join(tried)}.")


class DynamorseNotDeployed(OrganistError):
    """The production is one of dynamorse's, and the deployment has no image of the Node-RED that it needs."""

    kind = Kind.FATAL
    advice = (
        "Nothing was started. Deploy with --module-source, which builds that image too; where every module "
        "is on the npm registry or has a url, what `npm config get registry` prints will do."
    )


class ModuleSourceUnreachable(OrganistError):
    """The registry that the deployment names gave no answer that makes sense."""

    kind = Kind.RETRY
    advice = "If this persists, check the deployment's ModuleSource, and that it can be reached from outside."


class ModuleSourceInvalid(OrganistError):
    """The deployment's ModuleSource is neither a registry's URL nor a place in S3."""

    kind = Kind.FATAL
    advice = "Deploy again with --module-source https://… or s3://bucket/prefix."
