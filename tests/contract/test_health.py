"""The health of tasks, by really running their health checks."""

import time

from local_cloud.cloud import LocalCloud
from tests.contract.machines import SLEEP, Member


def test_health_comes_from_the_health_check(member: Member, cloud: LocalCloud) -> None:
    check = {"command": ["CMD-SHELL", "test -e well"], "interval": 5, "retries": 2, "startPeriod": 60}
    arn = member.run(member.define(SLEEP, healthCheck=check))
    member.until_status(arn, "RUNNING")
    time.sleep(0.5)  # some checks that fail, in the start period
    assert member.task(arn)["healthStatus"] == "UNKNOWN"
    (cloud.machine_dir(member.cluster) / "data" / "well").touch()
    healthy = member.until(arn, lambda task: task["healthStatus"] == "HEALTHY")
    assert healthy["containers"][0]["healthStatus"] == "HEALTHY"
    member.ecs.stop_task(cluster=member.cluster, task=arn)
    (cloud.machine_dir(member.cluster) / "data" / "well").unlink()


def test_a_task_that_fails_its_health_checks_is_unhealthy_and_runs_on(member: Member) -> None:
    check = {"command": ["CMD", "/bin/false"], "interval": 5, "retries": 1}
    arn = member.run(member.define(SLEEP, healthCheck=check))
    unhealthy = member.until(arn, lambda task: task["healthStatus"] == "UNHEALTHY")
    assert unhealthy["lastStatus"] == "RUNNING", "ECS stops the unhealthy tasks of services only"
    member.ecs.stop_task(cluster=member.cluster, task=arn)


def test_a_health_check_that_hangs_is_a_failed_one(member: Member) -> None:
    check = {"command": ["CMD-SHELL", "sleep 60"], "interval": 5, "timeout": 2, "retries": 1}
    arn = member.run(member.define(SLEEP, healthCheck=check))
    member.until(arn, lambda task: task["healthStatus"] == "UNHEALTHY")
    member.ecs.stop_task(cluster=member.cluster, task=arn)
