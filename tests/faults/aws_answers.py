"""AWS's answers when a call fails, as they come over the wire: EC2's and S3's in XML, the others' in JSON."""

import io
import json
from collections.abc import Iterator

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from tests.faults.plan import FaultKind

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_EC2 = {
    FaultKind.THROTTLED_ONCE: (503, "RequestLimitExceeded"),
    FaultKind.THROTTLED_ALWAYS: (503, "RequestLimitExceeded"),
    FaultKind.SERVER_ERROR_ONCE: (500, "InternalError"),
    FaultKind.DENIED: (403, "UnauthorizedOperation"),
}
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
_JSON = {
    FaultKind.THROTTLED_ONCE: (400, "ThrottlingException"),
    FaultKind.THROTTLED_ALWAYS: (400, "ThrottlingException"),
    FaultKind.SERVER_ERROR_ONCE: (500, "InternalFailure"),
    FaultKind.DENIED: (400, "AccessDeniedException"),
}
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_S3 = {
    FaultKind.THROTTLED_ONCE: (503, "SlowDown"),
    FaultKind.THROTTLED_ALWAYS: (503, "SlowDown"),
    FaultKind.SERVER_ERROR_ONCE: (500, "InternalError"),
    FaultKind.DENIED: (403, "AccessDenied"),
}
_MESSAGE = "Injected by the fault tests."


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.read()


def aws_answer(request: AWSPreparedRequest, service: str, kind: FaultKind) -> AWSResponse:
    """Return the answer of a service, named as in botocore's events (``ec2``, ``ecs``), to a request."""
    if service == "ec2":
        status, code = _EC2[kind]
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{_MESSAGE}</Message></Error></Errors>"
            "<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>"
        )
        kind_of_text = "text/xml;charset=UTF-8"
    elif service == "s3":
        status, code = _S3[kind]
        error = f"<Error><Code>{code}</Code><Message>{_MESSAGE}</Message></Error>"
        text = "" if request.method == "HEAD" else error  # a HEAD's answer has no body, and no name
        kind_of_text = "application/xml"
    else:
        status, code = _JSON[kind]
        text = json.dumps({"__type": code, "message": _MESSAGE})
        kind_of_text = "application/x-amz-json-1.1"
    headers = HTTPHeaders()
    headers["Content-Type"] = kind_of_text
    return AWSResponse(request.url, status, headers, _Body(text.encode()))
