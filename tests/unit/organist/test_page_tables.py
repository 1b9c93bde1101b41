"""The manual's tables say what the code says."""

import pytest

from tools.page_tables import PAGES, TABLES, error_table, input_table, statistics_table, with_table


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_codes(name: str) -> None:
    text = (PAGES / TABLES[name].page).read_text()
    assert with_table(text, name) == text, "run: make docs"


def test_every_property_has_a_row() -> None:
    table = input_table()
    for path in ("runSeconds", "mixParams.modules[].version", "sources[].location", "mix.fades[].atSeconds"):
        assert f"`{path}`" in table


def test_every_error_has_a_row() -> None:
    assert "| `InstanceNotRegistered` | retry |" in error_table()
    assert "| `InvalidInput` | fatal |" in error_table()


def test_every_data_stream_has_a_row() -> None:
    assert "| `metrics-media.chain-organist` |" in statistics_table()
    assert "`media.chain.bit_rate`" in statistics_table()


@pytest.mark.parametrize("text", ["# organist", "<!-- input table: begin -->"])
def test_a_page_without_a_place_for_a_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="input table"):
        with_table(text, "input")
