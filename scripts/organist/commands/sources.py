"""`organist sources`: how to send to a production's live sources, which arrive, and how to receive it."""

from lambdas.production.destinations import waits_for_calls
from lambdas.production.model import ENCODER, MIXER
from lambdas.show_instances import show_instances
from organist.account.aws_account import (
    Account,
    AccountError,
    EndpointUrlOption,
    ProfileOption,
    RegionOption,
    open_account,
)
from organist.account.deployed_stack import STANDARD_STACK, DeployedStack, StackOption, find_stack
from organist.account.executions import find_execution
from organist.account.machine_addresses import reached_at
from organist.account.stack_secret import stack_secret
from organist.commands.stop import ExecutionArgument
from organist.report.contribution import arrival, live_sources, receivers_lines
from organist.report.history import read_history, whole_history
from organist.report.production_facts import ProductionFacts
from organist.terminal import open_console, say


def sources(
    execution: ExecutionArgument,
    stack: StackOption = STANDARD_STACK,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Print what to type into OBS, FFmpeg or an encoder for each live source, and for SRT receivers."""
    account = open_account(profile, region, endpoint_url)
    arn = find_execution(account, stack, execution)
    described = account.stepfunctions.describe_execution(executionArn=arn)
    if described["status"] != "RUNNING":
        raise AccountError(
            f"The execution {execution} is {described['status']}: nothing waits for its sources any more."
        )
    facts = ProductionFacts(described["startDate"])
    for step in read_history(whole_history(account.stepfunctions, arn)):
        facts.add(step)
    deployed = find_stack(account, stack)
    secret = stack_secret(account, deployed)
    address = _address(account, deployed, facts, MIXER, execution)
    found = live_sources(facts.production, address, secret)
    console = open_console()
    if not found:
        say(console, "The production has no live sources (kinds srt, rtmp and rtp).")
    for source in found:
        say(console, f"{source.name}  source {source.number}, {source.source['kind']}")
        say(console, f"  state    {arrival(facts.source_states.get(source.name))}")
        for program, line in source.lines():
            say(console, f"  {program:<8} {line}")
    if any(waits_for_calls(one) for one in facts.production["output"].get("destinations", [])):
        encoder = _address(account, deployed, facts, ENCODER, execution)
        for name, line in receivers_lines(facts.production, encoder, secret):
            say(console, f"{name}  destination, srt\n  receive  {line}")


def _address(
    account: Account, deployed: DeployedStack, facts: ProductionFacts, role: str, execution: str
) -> str:
    if not facts.production or not facts.machines:
        raise AccountError(f"The execution {execution} has no machines yet. Try again in a moment.")
    name = next(machine["instanceName"] for machine in facts.machines if machine["role"] == role)
    for machine in show_instances({"instanceName": name}, deployed.name, account.ec2)["instances"]:
        if address := reached_at(machine):
            return address
    raise AccountError(f"{name} has no address yet. Try again in a moment.")
