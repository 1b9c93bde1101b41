"""A handler with powertools, which reads much of the context object."""

from typing import Any

from aws_lambda_powertools import Logger

logger = Logger(service="contract")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Log a line with the context's facts in it."""
    logger.info("seen", extra={"asked": event})
    return {"request": context.aws_request_id}
