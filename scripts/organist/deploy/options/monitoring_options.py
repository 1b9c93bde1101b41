"""What a person asks of `organist deploy --monitoring`, and the template's parameters that say so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

NONE, ELASTIC_STACK, ELASTICSEARCH, OPENSEARCH = "none", "elastic-stack", "elasticsearch", "opensearch"
STANDARD_PORTS = {"https": 443, "http": 80}
SECRET_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+")


@dataclass(frozen=True)
class MonitoringOptions:
    """Whether statistics are kept, and in which store; ``wanted`` None leaves what the stack has.

    Args:
        elasticsearch: The address of an existing one (or ``opensearch`` that of an OpenSearch), in place of
            its own.
        store_secret: The ARN of the secret with its username and password.
    """

    wanted: bool | None = None
    elasticsearch: str | None = None
    opensearch: str | None = None
    store_secret: str | None = None

    @property
    def store(self) -> str | None:
        """The value of the template's parameter Monitoring; None leaves what the stack has."""
        if self.wanted is None:
            return None
        if not self.wanted:
            return NONE
        if self.elasticsearch:
            return ELASTICSEARCH
        return OPENSEARCH if self.opensearch else ELASTIC_STACK


def monitoring_mistakes(options: MonitoringOptions, log_host: str | None) -> Iterator[str]:
    """Yield every mistake of the options, in words."""
    if options.elasticsearch and options.opensearch:
        yield "--elasticsearch and --opensearch exclude each other: there is one store."
    urls = {"--elasticsearch": options.elasticsearch, "--opensearch": options.opensearch}
    for option, url in urls.items():
        if url and _address(url) is None:
            yield f'{option} is "{url}"; expected https://host or https://host:port, without a path.'
    if any(urls.values()) and not options.wanted:
        yield "--elasticsearch and --opensearch say where --monitoring keeps statistics; give that, too."
    if any(urls.values()) and not options.store_secret:
        yield (
            "A store that there is needs --store-secret: the ARN of a secret of Secrets Manager with the "
            "JSON keys username and password."
        )
    if options.store_secret and not SECRET_ARN.fullmatch(options.store_secret):
        yield f'--store-secret is "{options.store_secret}"; expected the ARN of a secret of Secrets Manager.'
    if options.wanted and log_host:
        yield "--monitoring and --log-host exclude each other: statistics go to one place."


def monitoring_parameters(options: MonitoringOptions) -> dict[str, str | None]:
    """Return the values of the template's parameters, None where the stack's stay as they are."""
    store = options.store
    if store is None:
        return {}
    url = options.elasticsearch or options.opensearch or ""
    address = _address(url)
    values: dict[str, str | None] = {
        "Monitoring": store,
        # With its port: Logstash takes 9200 where there is none.
        "StoreUrl": f"{address.scheme}://{address.hostname}:{_port(address)}" if address else "",
        "StorePort": str(_port(address)) if address else None,
        "StoreSecretArn": options.store_secret or "",
    }
    # A log host that was named before would be without effect, and its rule a door that is not needed.
    return values if store == NONE else values | {"LogHost": ""}


def _address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in STANDARD_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        return None
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
    return parts if good and plain else None


def _port(address: SplitResult) -> int:
    return address.port or STANDARD_PORTS[address.scheme]
