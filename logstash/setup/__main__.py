"""``python -m logstash.setup elasticsearch|kibana``: what the containers of the set-up run."""

import os
import sys
from collections.abc import Callable, Mapping

from .dashboards import import_dashboards
from .errors import SetupError, VariableMissing
from .retention import follow_policy, put_policy
from .server import Server
from .templates import put_data_streams, put_templates_in_elasticsearch, put_templates_in_opensearch
from .users import put_users

WRONG_USE, FAILURE = 2, 1
PASSWORDS = {
    "kibana": "KIBANA_SYSTEM_PASSWORD",
    "logstash": "LOGSTASH_PASSWORD",
    "operator": "OPERATOR_PASSWORD",
}


def set_up_store(environment: Mapping[str, str]) -> str:
    """Set up Elasticsearch or OpenSearch; return what was done, in a sentence.

    Users are made only where their passwords are given: in an Elasticsearch of our own.
    """
    store = _server(environment, "STORE_URL")
    store.wait("/")
    if environment.get("STORE", "elasticsearch") == "opensearch":
        put_templates_in_opensearch(store)
        put_policy(store)
        put_data_streams(store)
        refused = follow_policy(store)
        without = f" These indices do not follow it: {', '.join(refused)}." if refused else ""
        return f"{store.url} has the templates and the retention policy.{without}"
    put_templates_in_elasticsearch(store)
    put_data_streams(store)
    passwords = {of: environment[name] for of, name in PASSWORDS.items() if environment.get(name)}
    if not passwords:
        return f"{store.url} has the templates."
    missing = [name for of, name in PASSWORDS.items() if of not in passwords]
    if missing:
        raise VariableMissing(f"Not set: {', '.join(missing)}; expected all passwords or none.")
    put_users(store, **passwords)
    return f"{store.url} has the templates, roles and users."


def set_up_kibana(environment: Mapping[str, str]) -> str:
    """Set up Kibana; return what was done, in a sentence."""
    kibana = _server(environment, "KIBANA_URL", environment.get("KIBANA_CA_FILE"))
    kibana.wait("/api/status")
    return f"{kibana.url} has {import_dashboards(kibana)} saved objects."


COMMANDS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "elasticsearch": set_up_store,
    "kibana": set_up_kibana,
}


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Expected one of: {', '.join(COMMANDS)}.", file=sys.stderr)
        return WRONG_USE
    try:
        print(COMMANDS[arguments[0]](environment))
    except VariableMissing as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except SetupError as error:
        print(error, file=sys.stderr)
        return FAILURE
    return 0


def _server(environment: Mapping[str, str], url: str, ca_file: str | None = None) -> Server:
    names = (url, "STORE_ADMIN_USER", "STORE_ADMIN_PASSWORD")
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise VariableMissing(f"Not set: {', '.join(missing)}.")
    address, user, password = (environment[name] for name in names)
    return Server(address, user, password, ca_file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
