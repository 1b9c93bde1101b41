"""What can be wrong with a document that a machine sends, and the HTTP status that says so."""

from http import HTTPStatus


class Refused(Exception):
    """A document that is not kept; ``status`` is the answer's."""

    status = HTTPStatus.BAD_REQUEST


class NoJsonDocument(Refused):
    """The body is no JSON object."""


class NotKept(Refused):
    """The file takes no more."""

    status = HTTPStatus.INSUFFICIENT_STORAGE


class NoLength(Refused):
    """The request does not say how long its body is."""

    status = HTTPStatus.LENGTH_REQUIRED


class TooLarge(Refused):
    """The body is larger than any document of ours."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Incomplete(Refused):
    """The sender went, or paused for too long, before its whole body was there."""

    status = HTTPStatus.REQUEST_TIMEOUT


class ForeignPage(Refused):
    """A web page of somebody else's asks a browser on this computer to reach us."""

    status = HTTPStatus.FORBIDDEN
