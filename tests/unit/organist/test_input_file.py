"""Reading the document that a person names: one clear message with the file's name, never a traceback."""

from pathlib import Path

import pytest

from organist.command_errors import InputFileError
from organist.input_file import read_input


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\ufeff{}", "begins with a byte-order mark"),
        ('{"runSeconds": NaN}', "has the number NaN, which JSON does not have"),
        ('{"runSeconds": -Infinity}', "has the number -Infinity"),
        ('{"runSeconds": 1e999}', "has the number 1e999"),
        ('{"runSeconds": ' + "9" * 5000 + "}", "has a number of thousands of digits"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"runSeconds": 1, "runSeconds": 2}', 'has the property "runSeconds" 2 times in one object'),
        ('{"mix": {"fader": 1, "fader": 0, "fader": 1}}', 'has the property "fader" 3 times'),
        ("{", "is not JSON: Expecting property name"),
    ],
)
def test_what_is_no_document_is_told_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "show.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError) as error:
        read_input(path)
    assert str(error.value).startswith(f"{path} ")
    assert message in str(error.value)
    assert "Nothing was started." in str(error.value)


def test_what_is_no_utf_8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "show.json"
    path.write_bytes(b'{"title": "\xff"}')
    with pytest.raises(InputFileError, match="is not text in UTF-8"):
        read_input(path)
