"""A production after weeks in which nobody produced anything: the functions in the VPC sleep at first."""

import pytest

from tests.faults.fault_totals import FaultTotals
from tests.faults.plan import Plan
from tests.faults.testbeds import FaultTestbeds

ASLEEP = {"InstallNodeREDModuleAsleep", "DeployNodeREDModuleAsleep", "CheckProductionAsleep"}


@pytest.mark.parametrize("days", [15, 40])
def test_a_production_goes_on_air(days: int, testbeds: FaultTestbeds, totals: FaultTotals) -> None:
    result = testbeds.run(Plan(idle_days=days))
    assert not totals.add(result).complaints
    assert "OnAir" in result.states
    assert set(result.states) >= ASLEEP, "each was asked while the machines were launched"


def test_a_production_of_the_day_before_leaves_them_awake(
    testbeds: FaultTestbeds, totals: FaultTotals
) -> None:
    result = testbeds.run(Plan(idle_days=1))
    assert not totals.add(result).complaints
    assert not set(result.states) & ASLEEP
