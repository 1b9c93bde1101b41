"""completeRecording: the recording of a production whose machines are gone → its files, all complete."""

from lambdas.aws.clients import make_as_lambda_starts, named_aws_errors, s3_client
from lambdas.recording.completion import Recorded, Recording
from lambdas.runtime.entry import Event, entry_point, require

make_as_lambda_starts(s3_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Recorded:
    """Finish what the encoder machine could not, and return what was recorded.

    A file that the machine has finished is left as it is. It may be called again at any time once the machine
    has ended; before, the machine loses its upload and begins another file.

    Args:
        event: ``{"location": "s3://bucket/key" of the recording's first file, "productionId"}``.
    """
    require(event, ["location", "productionId"])
    return Recording(event["location"], event["productionId"], s3_client()).complete()
