"""What the evaluator does not know is an error, never a yes."""

from local_cloud.errors import LocalCloudError


class UnknownToIamError(LocalCloudError):
    """A policy or a request has an element, operator, action or key that the local cloud does not know."""
