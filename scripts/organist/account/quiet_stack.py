"""Whether anything runs in a stack: functions under a running execution are never changed."""

from collections.abc import Callable

from lambdas.aws import tags
from lambdas.aws.instances import NOT_TERMINATED, find_instances
from organist.account.aws_account import Account
from organist.account.deployed_stack import DeployedStack
from organist.account.productions_end import ProductionsRunning, Running, running_executions


def what_runs(account: Account, stack: DeployedStack) -> Running:
    """Return a stack's running executions and its machines, those launched by hand and orphans too.

    Asked of Step Functions and EC2, not of the stack's reaper: an update may be what mends it.
    """
    machines = {
        tags.read_tags(found.get("Tags", [])).get(tags.NAME, found["InstanceId"])
        for found in find_instances(account.ec2, stack.name, NOT_TERMINATED)
    }
    return Running(running_executions(account, stack), sorted(machines))


def check_quiet(
    account: Account,
    stack: DeployedStack,
    print_line: Callable[[str], None],
    sleep: Callable[[], None],
    *,
    wait: bool,
) -> None:
    """Return once nothing runs in the stack; at once, or after a wait.

    Args:
        account: Where the stack is.
        stack: The stack.
        print_line: Takes a line for the person whenever something else runs.
        sleep: Waits a moment.
        wait: Wait for the end of what runs.

    Raises:
        ProductionsRunning: Something runs, and ``wait`` is not set; the message names it.
    """
    seen: Running | None = None
    while (running := what_runs(account, stack)).anything:
        named = ", ".join([*running.executions, *running.machines])
        if not wait:
            raise ProductionsRunning(
                f"Something still runs in the stack {stack.name}: {named}. An update would change the "
                "functions under it. Wait for its end (--wait does), or end it: `organist stop EXECUTION`; "
                "`organist instances` shows the machines. Nothing was changed."
            )
        if running != seen:
            print_line(f"Waiting until nothing runs any more: {named}")
            seen = running
        sleep()
