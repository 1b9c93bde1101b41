"""A production after weeks in which nobody produced anything: the functions in the VPC sleep at first."""

import pytest

from tests.faults.grounds import Grounds
from tests.faults.plan import Plan
from tests.faults.tally import Tally

ASLEEP = {"InstallNodeREDModuleAsleep", "DeployNodeREDModuleAsleep", "CheckProductionAsleep"}


@pytest.mark.parametrize("days", [15, 40])
def test_a_production_goes_on_air(days: int, grounds: Grounds, tally: Tally) -> None:
    result = grounds.run(Plan(idle_days=days))
    assert not tally.add(result).complaints
    assert "OnAir" in result.states
    assert set(result.states) >= ASLEEP, "each was asked while the machines were launched"


def test_a_production_of_the_day_before_leaves_them_awake(grounds: Grounds, tally: Tally) -> None:
    result = grounds.run(Plan(idle_days=1))
    assert not tally.add(result).complaints
    assert not set(result.states) & ASLEEP
