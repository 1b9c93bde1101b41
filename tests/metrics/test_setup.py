"""The set-up of Elasticsearch, OpenSearch and Kibana: whole, the same again, and plain when it cannot."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from logstash.setup import server as server_module
from logstash.setup.__main__ import FAILURE, PASSWORDS, WRONG_USE, main
from logstash.setup.errors import ServerRefused, ServerUnreachable
from logstash.setup.retention import POLICY, retention_policy
from logstash.setup.server import Server
from logstash.setup.templates import component_templates, data_streams, index_templates
from logstash.setup.users import ROLES
from tests.metrics.support.elastic_double import ElasticDouble, serving
from tests.metrics.support.panels import saved_objects
from tests.unit.tasks.test_definitions import container, load

SECRETS = dict(zip(PASSWORDS.values(), ("kibana-secret", "logstash-secret", "operator-secret"), strict=True))


@pytest.fixture
def double() -> Iterator[ElasticDouble]:
    with serving(ElasticDouble()) as running:
        yield running


def environment(double: ElasticDouble, **more: str) -> dict[str, str]:
    """What the task definitions give."""
    given = {"STORE_URL": double.url, "KIBANA_URL": double.url}
    return {**given, "STORE_ADMIN_USER": "elastic", "STORE_ADMIN_PASSWORD": "secret", **more}


def test_an_elasticsearch_of_our_own_gets_templates_roles_and_users(double: ElasticDouble) -> None:
    assert main(["elasticsearch"], environment(double, **SECRETS)) == 0
    assert {path for path in double.kept if "template" in path} == {
        *(f"/_component_template/{name}" for name in component_templates()),
        *(f"/_index_template/{name}" for name in index_templates()),
    }
    assert {name for name in double.kept if name.startswith("/_security/role/")} == {
        f"/_security/role/{name}" for name in ROLES
    }
    users = {path.split("/")[3]: given for path, given in double.kept.items() if "/user/" in path}
    assert {name: user["password"] for name, user in users.items()} == {
        "kibana_system": "kibana-secret",
        "logstash_writer": "logstash-secret",
        "operator": "operator-secret",
    }
    assert users["operator"]["roles"] == ["organist_viewer"]


@pytest.mark.parametrize("command", ["elasticsearch", "kibana"])
@pytest.mark.parametrize("store", ["elasticsearch", "opensearch"])
def test_run_again_it_changes_nothing(double: ElasticDouble, command: str, store: str) -> None:
    assert main([command], environment(double, STORE=store, **SECRETS)) == 0
    before = deepcopy(double.kept)
    assert before
    assert main([command], environment(double, STORE=store, **SECRETS)) == 0
    assert double.kept == before


def test_nobody_but_an_administrator_may_do_everything() -> None:
    writer, viewer = (ROLES[name]["indices"][0] for name in ("logstash_writer", "organist_viewer"))
    assert writer["names"] == viewer["names"] == ["metrics-*-organist"]
    assert set(writer["privileges"]) == {"auto_configure", "create_doc"}
    assert set(viewer["privileges"]) == {"read", "view_index_metadata"}
    assert "cluster" not in ROLES["organist_viewer"]


def test_somebody_elses_elasticsearch_gets_templates_and_no_users(double: ElasticDouble) -> None:
    assert main(["elasticsearch"], environment(double)) == 0
    assert double.kept
    assert not [path for path in double.kept if "_security" in path]


def test_opensearch_gets_no_lifecycle_and_a_policy_in_its_place(double: ElasticDouble) -> None:
    assert main(["elasticsearch"], environment(double, STORE="opensearch")) == 0
    assert "lifecycle" not in double.kept["/_component_template/organist-settings"]["template"]
    assert "30d" in str(double.kept[POLICY])
    assert not [path for path in double.kept if "_security" in path]


def streams(double: ElasticDouble) -> dict[str, dict[str, int | None]]:
    """The indices of every data stream, each with the number of the policy that it follows."""
    return {path: kept for path, kept in double.kept.items() if path.startswith("/_data_stream/")}


def test_a_policy_that_has_changed_reaches_a_store_that_has_an_older_one(
    double: ElasticDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that differs in a figure only, and also the indices that began under the older one."""
    monkeypatch.setattr("logstash.setup.retention.ROLLOVER", "1d")
    main(["elasticsearch"], environment(double, STORE="opensearch"))
    for number, indices in enumerate(streams(double).values()):
        # One is older than any policy.
        indices |= {f".ds-old-{number}-000001": None, f".ds-old-{number}-000002": 0}
    monkeypatch.undo()
    assert main(["elasticsearch"], environment(double, STORE="opensearch")) == 0
    assert double.kept[POLICY] == retention_policy()
    assert "7d" in str(double.kept[POLICY])
    followed = {number for indices in streams(double).values() for number in indices.values()}
    assert followed == {1}


def test_an_index_that_follows_no_policy_is_told(
    double: ElasticDouble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = {"updated_indices": 0, "failures": True, "failed_indices": [{"index_name": ".ds-a-000001"}]}
    monkeypatch.setattr(double, "_manage", lambda *_: (200, refused))
    assert main(["elasticsearch"], environment(double, STORE="opensearch")) == 0
    assert "do not follow it: .ds-a-000001" in capsys.readouterr().out


def test_documents_take_few_indices(double: ElasticDouble) -> None:
    """An index costs memory whatever is in it: a week each, not a day."""
    (written, _) = retention_policy()["policy"]["states"]
    age = {"d": 1, "h": 1 / 24}
    rollover, kept = written["actions"][0]["rollover"]["min_index_age"], written["transitions"][0]
    lasts = kept["conditions"]["min_rollover_age"]
    days = [float(text[:-1]) * age[text[-1]] for text in (rollover, lasts)]
    assert len(data_streams()) * (days[1] / days[0] + 1) < 60


@pytest.mark.parametrize("store", ["elasticsearch", "opensearch"])
def test_every_data_stream_is_there_before_the_first_document(double: ElasticDouble, store: str) -> None:
    assert main(["elasticsearch"], environment(double, STORE=store)) == 0
    assert {path.rpartition("/")[2] for path in streams(double)} == set(data_streams())


def test_kibana_gets_every_saved_object(double: ElasticDouble) -> None:
    assert main(["kibana"], environment(double)) == 0
    assert set(double.kept) == {f"saved {saved['type']} {saved['id']}" for saved in saved_objects()}


def test_what_kibana_does_not_take_is_told(
    double: ElasticDouble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused: Any = (200, {"success": False, "successCount": 0, "errors": [{"id": "organist-production"}]})
    monkeypatch.setattr(double, "_import", lambda *_: refused)
    assert main(["kibana"], environment(double)) == FAILURE
    assert "does not take the dashboards" in capsys.readouterr().err


def test_a_server_that_is_coming_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "POLL_SECONDS", 0.0)
    with serving(ElasticDouble(starting=3)) as double:
        assert main(["elasticsearch"], environment(double)) == 0


def test_a_server_that_does_not_come_up_is_told_after_the_time_given() -> None:
    now = [0.0]
    server = Server(
        "http://127.0.0.1:9",
        "elastic",
        "secret",
        clock=lambda: now[0],
        sleep=lambda s: now.append(now.pop() + s),
    )
    with pytest.raises(ServerUnreachable, match="within 10 s"):
        server.wait("/", patience=10)
    assert now[0] >= 10


def test_a_server_that_is_busy_for_a_while_is_asked_again(double: ElasticDouble) -> None:
    slept: list[float] = []
    server = Server(double.url, "elastic", "secret", sleep=slept.append)
    double.starting = 3
    server.put("/_security/role/busy", {"cluster": []})
    assert "/_security/role/busy" in double.kept
    assert len(slept) == 3


@pytest.mark.parametrize(("url", "error"), [("", ServerRefused), ("http://127.0.0.1:9", ServerUnreachable)])
def test_a_server_that_stays_busy_is_told(double: ElasticDouble, url: str, error: type[Exception]) -> None:
    now = [0.0]
    double.starting = 10_000
    server = Server(
        url or double.url,
        "elastic",
        "secret",
        clock=lambda: now[0],
        sleep=lambda s: now.append(now.pop() + s),
    )
    with pytest.raises(error):
        server.get("/_security/role/busy")
    assert now[0] >= server_module.ASKED_AGAIN_SECONDS


def test_a_password_that_is_not_taken_is_told_at_once(double: ElasticDouble) -> None:
    with pytest.raises(ServerRefused, match="401"):
        Server(double.url, "elastic", "wrong", sleep=lambda _: pytest.fail("waited")).wait("/")


@pytest.mark.parametrize(
    ("arguments", "without", "message"),
    [
        ([], "", "Expected one of: elasticsearch, kibana"),
        (["logstash"], "", "Expected one of"),
        (["elasticsearch"], "STORE_URL", "Not set: STORE_URL"),
        (["kibana"], "STORE_ADMIN_PASSWORD", "Not set: STORE_ADMIN_PASSWORD"),
        (["elasticsearch"], "OPERATOR_PASSWORD", "all passwords or none"),
    ],
)
def test_wrong_use_is_told_plainly(
    double: ElasticDouble,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    without: str,
    message: str,
) -> None:
    given = {name: value for name, value in environment(double, **SECRETS).items() if name != without}
    assert main(arguments, given) == WRONG_USE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("elastic-stack", "elasticsearch-setup"),
        ("elastic-stack", "kibana-setup"),
        ("logstash", "store-setup"),
    ],
)
def test_the_tasks_give_what_it_wants(double: ElasticDouble, family: str, name: str) -> None:
    task = container(load(family), name)
    given = {entry["name"]: entry["value"] for entry in task["environment"]}
    given |= {entry["name"]: "secret" for entry in task["secrets"]}
    given |= {key: double.url for key in given if key.endswith("_URL")} | {"STORE_ADMIN_USER": "elastic"}
    given.pop("KIBANA_CA_FILE", None)  # a file of the machine
    assert main(task["command"], given) == 0
