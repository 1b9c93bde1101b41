"""What a refusal quotes of the input: enough to find the mistake, and no secret."""

from typing import Any

import pytest

from lambdas.production.errors import InvalidInput
from lambdas.production.quoting import hide_secrets, quote
from lambdas.validate_input import check_document
from tests.unit.lambdas.test_input import CALLER, changed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("sources.1", CALLER | {"passphraseSecret": "hunter2hunter2"}, "].passphraseSecret is ***; expected"),
        ("sources.1", CALLER | {"passphraseSecret": 7117117117}, "].passphraseSecret is ***; expected"),
        ("sources.1", CALLER | {"streamId": "#!::u=cam hunter2"}, "].streamId is ***; expected text"),
        (
            "sources.1",
            CALLER | {"address": "h:9000?passphrase=hunter2hunter2"},
            '].address is "h:9000?***"; expected',
        ),
        ("sources.1", CALLER | {"address": "cam:hunter2@host/live"}, '].address is "***@host/live"'),
        (
            "sources.1",
            {"kind": "url", "location": "https://cam:pa/ss@h/x y"},
            '"https://***@h/x y"; expected',
        ),
        ("sources.1", {"kind": "url", "location": "https://cam:p@ssword@h/x y"}, '"https://***@h/x y"'),
        (
            "sources.1",
            [{"kind": "srt", "passphrase": "hunter2hunter2"}],
            "$.sources[1] is a list of 1 item; expected an object of kind,",
        ),
        ("sources", {"kind": "srt", "name": "hunter2"}, "$.sources is an object of kind, name; expected"),
        ("sources.1", {"kind": {"srt": "hunter2"}}, "].kind is an object of srt; expected one of"),
        ("mixParams.modules", ["a", "a"], '$.mixParams.modules is ["a", "a"]; expected'),
        (
            "mixParams.modules",
            ["https://cam:pa/ss@h/a"] * 2,
            '$.mixParams.modules is ["https://***@h/a", "https://***@h/a"]; expected',
        ),
    ],
)
def test_no_refusal_quotes_a_secret(path: str, value: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_document(changed(path, value))
    said = str(refused.value)
    assert message in said
    assert [secret for secret in ("hunter2", "7117117117", "pa/", "ss@", "@ssword") if secret in said] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://cam:p?ss@h/x", "https://***"),
        ("https://h/x?token=ab@cd", "https://***"),
        ("https://h/x?a=1?b=2", "https://h/x?***"),
        ("srt://@h:9000", "srt://@h:9000"),
        ("@Scope/name", "@Scope/name"),
        ("a\ncam:hunter2@h", "***@h"),
        ("../a", "../a"),
    ],
)
def test_users_and_queries_are_hidden(text: str, shown: str) -> None:
    assert hide_secrets(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, "an empty object"),
        ([["hunter2"], 1], "a list of 2 items"),
        ([], "[]"),
        ([True, None, 1.5, "é"], '[true, null, 1.5, "é"]'),
        ("x" * 90, f'"{"x" * 76}...'),
    ],
)
def test_values_are_told_in_one_line(value: object, shown: str) -> None:
    assert quote(value) == shown
