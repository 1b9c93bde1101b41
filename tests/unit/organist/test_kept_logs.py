"""Keeping a local cloud's logs once it has ended."""

from pathlib import Path

from organist.local.kept_logs import keep_logs


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_machines_and_functions_wrote_is_kept_by_their_names(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "kept" / "logs"
    write(data / "machines" / "mixer-1" / "logs" / "Node-RED.log", "started\n")
    write(data / "machines" / "mixer-1" / "data" / "flows.json", "{}")
    write(data / "machines" / "mixer-1.2" / "logs" / "Node-RED.log", "again\n")
    write(data / "logs" / "lambda" / "newInstance.log", "called\n")
    write(data / "logs" / "lambda" / "makeAMix.log", "")
    write(data / "logs" / "lambda" / "fork-server.log", "our own\n")
    write(data / "logs" / "moto.log", "our own\n")
    assert keep_logs(data, target)
    kept = {str(path.relative_to(target)): path.read_text() for path in target.rglob("*.log")}
    assert kept == {
        "functions/newInstance.log": "called\n",
        "mixer-1/Node-RED.log": "started\n",
        "mixer-1.2/Node-RED.log": "again\n",
    }


def test_nothing_makes_no_folder(tmp_path: Path) -> None:
    assert not keep_logs(tmp_path / "data", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
