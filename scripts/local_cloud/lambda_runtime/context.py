"""The context object that a handler gets, with the attributes of Lambda's own."""

import time


class LambdaContext:
    """See "AWS Lambda context object in Python" in Lambda's developer guide."""

    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, *, name: str, arn: str, memory: int, request_id: str, seconds: float) -> None:
        self.function_name = name
        self.invoked_function_arn = arn
        self.memory_limit_in_mb = str(memory)  # Lambda, too, gives the number as text
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "local"
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's time is over."""
        return max(0, int((self._end - time.monotonic()) * 1000))
