"""Regions by name: which there are, what a mistyped one may have meant, what no answer means."""

import re
from difflib import get_close_matches
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import (
    ConnectionError,  # noqa: A004 - botocore's own name
    HTTPClientError,
)

PARTITION = "aws"
# The service that runs productions: where it is, a production can be.
SERVICE = "stepfunctions"
AWS_HOST = re.compile(r"(?:^|\.)(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)\.amazonaws\.com(?:\.cn)?$")
NEAR = 3  # names that are shown at the most


def known_regions() -> list[str]:
    """Return the names of the regions that this version of botocore knows, of the partition ``aws``."""
    return boto3.Session().get_available_regions(SERVICE, partition_name=PARTITION)


def no_region(name: str) -> str:
    """Return a person's message for a name that is no region's, with those that it may have meant."""
    near = get_close_matches(name.lower().replace("_", "-").replace(" ", "-"), known_regions(), NEAR, 0.6)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"There is no AWS region {name} that this version of botocore knows.{meant} "
        "`aws ec2 describe-regions` shows yours; expected a name such as eu-west-1."
    )


def no_answer(error: ConnectionError | HTTPClientError) -> str:
    """Return a person's message for an address that does not answer: a mistyped region, or no network."""
    address = str(error.kwargs.get("endpoint_url") or "")
    host = urlsplit(address).hostname or ""
    region = AWS_HOST.search(host)
    if region and region["region"] not in known_regions():
        return no_region(region["region"])
    if host and not host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return f"Nothing answers at {address}. Is the local cloud still running? ({error})"
    return (
        f"There is no way to AWS from here: {error}. Look at the network, a VPN, a proxy (HTTPS_PROXY) and "
        "its certificate (AWS_CA_BUNDLE), then repeat the command."
    )
