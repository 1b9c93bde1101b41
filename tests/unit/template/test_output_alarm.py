"""The alarm for an output that the document asked for and that is in trouble: what it counts."""

import pytest

from tests.unit.template.looks_on_air import alarm_of, filter_of, matches, told_of_an_output

METRIC = "OutputInTrouble"


@pytest.mark.parametrize("output", ["recording", "Studio 2 «live»"])
def test_what_is_counted_of_a_machines_own_log(output: str) -> None:
    pattern, _ = filter_of("NodeREDLogGroup", METRIC)
    told = told_of_an_output(output, "behind", "AccessDenied: no")
    assert told.startswith(f"Output {output} of chain encoder has been in trouble for 30 s: it is behind")
    assert matches(pattern, {"level": "warn", "message": told, "instanceName": "encoder-1"})
    for other in (
        f"Output {output} of chain encoder is well again",
        f"Chain encoder: {output}: AccessDenied",
    ):
        assert not matches(pattern, {"message": other})


def test_the_alarm_is_of_that_figure() -> None:
    _, figure = filter_of("NodeREDLogGroup", METRIC)
    alarm = alarm_of(METRIC)
    assert (figure["MetricNamespace"], figure["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])
    # Another stack's in the account has another.
    assert figure["MetricNamespace"] == {"Fn::Sub": "organist/${AWS::StackName}"}
    # A machine says it once, after thirty seconds: its word is enough.
    assert float(figure["MetricValue"]) >= alarm["Threshold"]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Sum", "GreaterThanOrEqualToThreshold")
