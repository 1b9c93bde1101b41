"""The README says what the code says."""

from pathlib import Path

import pytest

from tools.readme_tables import README, error_table, input_table, statistics_table, with_tables


def test_the_readmes_tables_are_the_codes() -> None:
    text = README.read_text()
    assert with_tables(text) == text, "run: make docs"


def test_every_property_has_a_row() -> None:
    table = input_table()
    for path in ("runSeconds", "mixParams.modules[].version", "sources[].location", "mix.fades[].atSeconds"):
        assert f"`{path}`" in table


def test_every_error_has_a_row() -> None:
    assert "| `InstanceNotRegistered` | retry |" in error_table()
    assert "| `InvalidInput` | fatal |" in error_table()


def test_every_data_stream_has_a_row() -> None:
    assert "| `metrics-media.chain-organist` |" in statistics_table()
    assert "`media.chain.bits_per_second`" in statistics_table()


def test_a_readme_without_a_place_for_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="input table"):
        with_tables("# organist")
