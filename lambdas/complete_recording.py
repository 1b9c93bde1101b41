"""completeRecording: what a production recorded and published, once its machines are gone → complete."""

from lambdas.aws.clients import make_as_lambda_starts, named_aws_errors, s3_client
from lambdas.recording.afterwards import Completed, Made, complete
from lambdas.runtime.entry import Event, entry_point, require

make_as_lambda_starts(s3_client)


@entry_point
@named_aws_errors
def handler(event: Event) -> Completed:
    """Finish what the encoder machine could not, and return what was recorded and published.

    What the machine has finished is left as it is. It may be called again at any time once the machine has
    ended; before, the machine loses its upload and begins another file.

    Args:
        event: ``{"location": "s3://bucket/key" of the recording's first file, "sources":
            "s3://bucket/folder/" of those of its sources, "publication": "s3://bucket/prefix" of what
            is published, "productionId"}``; each place may be empty.
    """
    require(event, ["productionId"])
    location, sources, publication = (event.get(name, "") for name in ("location", "sources", "publication"))
    return complete(Made(location, sources, publication, event["productionId"]), s3_client())
