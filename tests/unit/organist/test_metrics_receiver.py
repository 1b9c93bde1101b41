"""What machines send is kept, whatever else comes; a page of somebody else's gets nothing."""

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_cloud.toolchain import CHARTS_FOLDER
from organist.command_errors import CommandError
from organist.metrics.documents import Documents
from organist.metrics.live import live_metrics
from organist.metrics.receiver import LARGEST, Receiver, receive

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with (
        Documents(tmp_path / "run" / "kept.ndjson", lambda: NOW) as documents,
        receive(documents, CHARTS_FOLDER) as started,
    ):
        yield started


def ask(
    receiver: Receiver, method: str, path: str, body: bytes | None = None, /, **headers: str
) -> tuple[int, bytes]:
    """Send one request; give status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def kept(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(line) for line in receiver.documents.path.read_text(encoding="utf-8").splitlines()]


def test_documents_are_kept_as_they_come(receiver: Receiver) -> None:
    assert ask(receiver, "PUT", "/media", b'{"media": {"frameRate": 25}}') == (204, b"")
    assert ask(receiver, "POST", "/redioactive?x=1", '{"a": "Süd"}'.encode()) == (204, b"")
    assert kept(receiver) == [
        {
            "received": "2026-11-22T19:00:00.000+00:00",
            "path": "/media",
            "document": {"media": {"frameRate": 25}},
        },
        {"received": "2026-11-22T19:00:00.000+00:00", "path": "/redioactive", "document": {"a": "Süd"}},
    ]


def test_one_connection_carries_many_documents(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    for number in range(3):
        connection.request("PUT", "/media", json.dumps({"n": number}))
        assert connection.getresponse().read() == b""
    connection.close()
    assert [record["document"]["n"] for record in kept(receiver)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"[1]", "not a list"),
        (b'"text"', "not a str"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "1e999"),
        (b'{"a": "\xff"}', "utf-8"),
        (b"[" * 20_000, "recursion"),
    ],
)
def test_what_is_no_document_is_refused_and_counted(receiver: Receiver, body: bytes, reason: str) -> None:
    status, message = ask(receiver, "PUT", "/media", body)
    assert status == 400
    assert reason in message.decode()
    assert ask(receiver, "PUT", "/media", b"{}")[0] == 204, "the next one is taken"
    assert receiver.documents.refused == 1
    assert len(kept(receiver)) == 1


def test_what_is_too_large_or_has_no_length_is_refused(receiver: Receiver) -> None:
    too_large = json.dumps({"a": "x" * LARGEST}).encode()
    assert ask(receiver, "PUT", "/media", None, **{"Content-Length": str(len(too_large))})[0] == 413
    assert ask(receiver, "PUT", "/media", None, **{"Transfer-Encoding": "chunked"})[0] == 411
    assert ask(receiver, "PUT", "/media", None, **{"Content-Length": "-1"})[0] == 411
    assert receiver.documents.refused == 3


def test_a_sender_that_goes_in_the_middle_is_refused(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as sender:
        host = f"127.0.0.1:{receiver.port}"
        sender.sendall(f"PUT /media HTTP/1.1\r\nHost: {host}\r\nContent-Length: 20\r\n\r\n{{".encode())
        sender.shutdown(socket.SHUT_WR)
        assert b" 408 " in sender.recv(1000)
    assert kept(receiver) == []


def test_many_senders_at_once_lose_nothing(receiver: Receiver) -> None:
    with ThreadPoolExecutor(8) as senders:
        bodies = [json.dumps({"n": number}).encode() for number in range(100)]
        answers = list(senders.map(lambda body: ask(receiver, "PUT", "/media", body)[0], bodies))
    assert answers == [204] * 100
    assert {record["document"]["n"] for record in kept(receiver)} == set(range(100))


def test_pages_of_others_get_nothing_and_leave_nothing(receiver: Receiver) -> None:
    for header, value in (("Origin", "https://elsewhere.example"), ("Host", "elsewhere.example")):
        assert ask(receiver, "POST", "/media", b"{}", **{header: value})[0] == 403
        assert ask(receiver, "GET", "/documents", **{header: value})[0] == 403
    own = f"http://127.0.0.1:{receiver.port}"
    assert ask(receiver, "GET", "/documents", Origin=own)[0] == 200
    assert kept(receiver) == []


def test_the_page_asks_for_what_is_new(receiver: Receiver) -> None:
    for number in range(3):
        ask(receiver, "PUT", "/media", json.dumps({"n": number}).encode())
    ask(receiver, "PUT", "/media", b"no")

    def asked(query: str) -> Any:
        return json.loads(ask(receiver, "GET", f"/documents{query}")[1])

    assert [record["number"] for record in asked("")["records"]] == [1, 2, 3]
    assert [record["document"]["n"] for record in asked("?after=2")["records"]] == [2]
    assert asked("?after=3") == {"records": [], "refused": 1}
    assert asked("?after=99999999999999999999")["records"] == []
    assert len(asked("?after=x")["records"]) == 3


def test_the_page_is_served_and_nothing_else(receiver: Receiver) -> None:
    status, page = ask(receiver, "GET", "/")
    assert status == 200
    assert b"page.mjs" in page
    assert ask(receiver, "GET", "/page.mjs")[0] == 200
    status, library = ask(receiver, "GET", "/uPlot.esm.js")
    assert (status, b"export { uPlot as default }" in library) == (200, True)
    for path in ("/../receiver.py", "/page/../../receiver.py", "/nothing"):
        assert ask(receiver, "GET", path)[0] == 404


def test_old_records_leave_the_memory_but_not_the_file(tmp_path: Path) -> None:
    with Documents(tmp_path / "kept.ndjson", lambda: NOW, remembered=2) as documents:
        for number in range(5):
            documents.add("/media", json.dumps({"n": number}).encode())
        assert [record.number for record in documents.after(0)] == [4, 5]
        assert documents.count == 5
    assert len((tmp_path / "kept.ndjson").read_text().splitlines()) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_and_the_receiver_goes_on() -> None:
    with (
        Documents(Path("/dev/full"), lambda: NOW) as documents,
        receive(documents, CHARTS_FOLDER) as receiver,
    ):
        status, message = ask(receiver, "PUT", "/media", b"{}")
        assert status == 507
        assert b"No space left" in message
        assert (documents.count, documents.refused) == (0, 1)


def test_a_folder_that_cannot_be_made_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        ExitStack() as ends,
        pytest.raises(CommandError, match=r"Metrics cannot be kept in .*Nothing was started"),
    ):
        ends.enter_context(live_metrics(tmp_path / "file" / "run", CHARTS_FOLDER))
