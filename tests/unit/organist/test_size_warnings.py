"""Machines that are hardly large enough, or not at all: what start, estimate and a summary say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from organist.account.aws_account import Account
from organist.command_errors import InputFileError
from organist.commands.estimate import estimate
from organist.commands.start import check_machines
from organist.input_file import read_input
from organist.report.history import Step, StepChange
from organist.report.production_facts import ProductionFacts
from organist.report.summary import summarise
from organist.repository import EXAMPLE_INPUT

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
OLD_DOCUMENT = EXAMPLE_INPUT.with_name("dynamicInput.json")


def written(folder: Path, kind: str, **more: Any) -> Path:
    document = json.loads(EXAMPLE_INPUT.read_text()) | more
    for key in ("mixParams", "encodeParams"):
        document[key]["instanceType"] = kind
    path = folder / "input.json"
    path.write_text(json.dumps(document))
    return path


def test_start_warns_of_the_machines_before_it_starts_anything(moto_account: Account) -> None:
    warnings = check_machines(moto_account, read_input(OLD_DOCUMENT))
    assert warnings[0].startswith("$.mixParams.instanceType: t2.micro sustains 0.10 of 1 vCPU")
    assert warnings[1].startswith("$.encodeParams.instanceType: t2.micro")


def test_start_refuses_a_machine_that_cannot_do_the_work(moto_account: Account, tmp_path: Path) -> None:
    document = read_input(written(tmp_path, "t2.nano"))
    with pytest.raises(InputFileError, match=r"(?s)2 mistakes.*which has 512 MiB.*Nothing was started"):
        check_machines(moto_account, document)


def test_start_says_nothing_of_the_example(moto_account: Account) -> None:
    said = " ".join(check_machines(moto_account, read_input(EXAMPLE_INPUT)))
    assert "instanceType" not in said


def test_estimate_warns_without_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    estimate(OLD_DOCUMENT)
    message = capsys.readouterr().out
    assert "Warning: $.mixParams.instanceType: t2.micro sustains" in message
    estimate(EXAMPLE_INPUT)
    assert "Warning" not in capsys.readouterr().out


def test_estimate_refuses_what_cannot_work(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"t3\.nano.*which has 512 MiB"):
        estimate(written(tmp_path, "t3.nano"))


def test_a_document_that_no_request_has_room_for_is_refused_on_the_laptop(tmp_path: Path) -> None:
    machine = {"instanceName": "mixer", "instanceType": "c6i.large"}
    modules = [f"{number:02}{'x' * 198}" for number in range(50)]
    path = tmp_path / "input.json"
    encoder = machine | {"instanceName": "encoder", "modules": modules}
    path.write_text(json.dumps({"mixParams": machine, "encodeParams": encoder}))
    with pytest.raises(InputFileError, match=r"\$\.encodeParams\.modules has names so long"):
        read_input(path)


def test_the_summary_repeats_the_warnings_of_the_state() -> None:
    facts = ProductionFacts(START)
    production = {"production": {"warnings": ["$.mixParams.instanceType: t2.micro sustains too little"]}}
    facts.add(Step(START, StepChange.LEFT, "ValidateInput", None, production))
    message = summarise(facts, {}, [])
    assert "Warning              $.mixParams.instanceType: t2.micro sustains too little" in message
