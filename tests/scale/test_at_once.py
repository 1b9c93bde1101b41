"""Productions that begin at once under AWS's published limits: all succeed, nothing is left."""

import pytest

from local_cloud.limits.account_limits import CONCURRENCY, AccountLimits
from local_cloud.limits.token_bucket import TokenBucket
from tests.benchmarks.scale.cases import SMALL_ACCOUNT, Case, run

MOST_CALLS = 80
"""Of AWS, by one production of 20 s, those that were refused aside."""


@pytest.mark.parametrize("case", [Case(10, SMALL_ACCOUNT, 1), Case(20, CONCURRENCY, 1)], ids=str)
def test_all_succeed_and_nothing_is_left(case: Case) -> None:
    outcome = run(case)
    assert outcome.statuses == {"SUCCEEDED": case.productions}, outcome.errors
    assert outcome.left == {}
    assert outcome.refused, "limits that nobody came to prove nothing"
    calls = sum(outcome.calls.values()) - sum(
        times for call, times in outcome.refused.items() if call in outcome.calls
    )
    assert calls <= MOST_CALLS * case.productions


class Clock:
    """Time that a test passes."""

    moment = 0.0

    def now(self) -> float:
        return self.moment


def test_a_bucket_gives_what_it_holds_and_then_what_comes_back() -> None:
    clock = Clock()
    bucket = TokenBucket(5, 2, clock.now)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    clock.moment += 1
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.moment += 60
    assert not bucket.take(6), "all of them or none"
    assert bucket.take(5)


def test_the_calls_of_a_kind_share_one_bucket_and_others_have_their_own() -> None:
    limits = AccountLimits(clock=Clock().now)
    assert all(limits.allows("ecs", action) for action in ["ListTasks", "DescribeTasks"] * 50)
    assert not limits.allows("ecs", "ListContainerInstances")
    assert limits.allows("ecs", "RunTask")
    assert [limits.allows("ec2", "RunInstances") for _ in range(6)] == [True] * 5 + [False]
    assert limits.allows("ec2", "DescribeInstances")
    assert limits.allows("s3", "PutObject"), "of which AWS publishes no such limit"
    assert limits.refused == {"ecs:ListContainerInstances": 1, "ec2:RunInstances": 1}
