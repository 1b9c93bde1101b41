"""Each function: the permissions that its code needs, the network it needs, and how it runs."""

from typing import Any

import pytest

from lambdas import reap_instances
from lambdas.runtime.settings import NodeRedSettings, TaskSettings
from tests.unit.template.aws_calls import CLIENTS, aws_calls, reachable
from tests.unit.template.plain import Template, plain_template, resources_of
from tests.unit.template.statements import all_statements, allowed_actions

FUNCTIONS = resources_of(plain_template(), "AWS::Lambda::Function")
ALL = sorted(FUNCTIONS)

EVERY_FUNCTION = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
}
# What Lambda does with the role of a function in a VPC.
IN_A_VPC = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
# What a call wants allowed beside itself.
IMPLIED = {
    # With a key of the customer's own for volumes EC2 asks for these in the caller's name:
    # https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    "ec2:RunInstances": {
        *("ec2:CreateTags", "iam:PassRole", "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"),
        *("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
    },
    "ecs:RunTask": {"ecs:TagResource", "iam:PassRole"},
    # With a key of the customer's own for a bucket S3 asks for these in the caller's name.
    "s3:PutObject": {"kms:Decrypt", "kms:GenerateDataKey"},
}


def module_of(function: str) -> str:
    package, module, handler = FUNCTIONS[function]["Handler"].split(".")
    assert (package, handler) == ("lambdas", "handler")
    return str(module)


def settings_of(function: str) -> set[str]:
    return {name for module, name in reachable(module_of(function)) if module == "runtime.settings"}


def talks_to_node_red(function: str) -> bool:
    return any(module == "node_red.client" for module, _ in reachable(module_of(function)))


def needs_the_secret(function: str) -> bool:
    return bool({TaskSettings.__name__, NodeRedSettings.__name__} & settings_of(function))


def variables(function: str) -> dict[str, Any]:
    return dict(FUNCTIONS[function]["Environment"]["Variables"])


@pytest.mark.parametrize("function", ALL)
def test_the_role_allows_what_the_code_calls_and_no_more(function: str) -> None:
    calls = aws_calls(module_of(function))
    needed = calls | EVERY_FUNCTION | {extra for call in calls for extra in IMPLIED.get(call, ())}
    if "VpcConfig" in FUNCTIONS[function]:
        needed |= IN_A_VPC
    if function == "ReapInstances":
        needed.add("sqs:SendMessage")  # Lambda's, for an event that the function failed on
    assert allowed_actions(plain_template(), function) == needed


@pytest.mark.parametrize("function", ALL)
def test_the_console_says_what_it_does(function: str) -> None:
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: 256 characters
    assert 20 < len(FUNCTIONS[function]["Description"]) <= 256


def test_the_calls_are_read_from_the_source() -> None:
    assert aws_calls("show_instances") == {"ec2:DescribeInstances"}
    assert "ecs:RunTask" in aws_calls("start_node_red")
    assert {"s3:GetObject", "s3:ListBucket"} <= aws_calls("make_module_params"), "a signed URL's, too"
    assert "ecs:RunTask" not in aws_calls("explain_failure"), "which shares a module with it"
    assert "ecs:ListContainerInstances" in aws_calls("reap_instances"), "a paginator's call"
    assert {call.partition(":")[0] for function in ALL for call in aws_calls(module_of(function))} == {
        *CLIENTS.values()
    }


@pytest.mark.parametrize("function", ALL)
def test_a_function_talks_to_aws_or_to_node_red(function: str) -> None:
    inside = "VpcConfig" in FUNCTIONS[function]
    assert inside == talks_to_node_red(function)
    assert not (inside and aws_calls(module_of(function)))
    assert inside == (allowed_actions(plain_template(), function) >= IN_A_VPC)


def test_the_code_of_a_function_in_the_vpc_may_not_use_lambdas_permissions() -> None:
    denied = [statement for statement in all_statements(plain_template()) if not statement.allows]
    (statement,) = denied
    assert set(statement.actions) == IN_A_VPC
    inside = {
        properties["FunctionName"]["Fn::Sub"]
        for properties in FUNCTIONS.values()
        if "VpcConfig" in properties
    }
    arns = statement.condition("lambda:SourceFunctionArn")
    assert {arn["Fn::Sub"].rpartition(":")[2] for arn in arns} == inside


@pytest.mark.parametrize("function", ALL)
def test_the_secret_is_where_it_is_needed_and_nowhere_else(function: str) -> None:
    assert ("STACK_SECRET" in variables(function)) == needs_the_secret(function)
    # Without it a function would keep the old value: CloudFormation reads a secret only on a change.
    assert ("SECRET_GENERATION" in variables(function)) == needs_the_secret(function)


def secret_mentions(template: Template) -> list[str]:
    """Everything that reads the secret's value, but the environment of functions that need it."""
    found = []
    for section in ("Resources", "Outputs"):
        for name, part in template.get(section, {}).items():
            properties = part.get("Properties", part)
            if name in FUNCTIONS and needs_the_secret(name):
                properties = {key: value for key, value in properties.items() if key != "Environment"}
            message = str(properties)
            if name != "StackSecret" and ("StackSecret" in message or "{{resolve:" in message):
                found.append(name)
    return found


def test_nothing_else_mentions_the_secret() -> None:
    assert secret_mentions(plain_template()) == []
    # A container reads what people made for its sources, under a name that the stack's own secret has not.
    reading = {
        statement.owner
        for statement in all_statements(plain_template())
        for action in statement.actions
        if action.startswith("secretsmanager:")
    }
    assert reading == {"TaskRole"}


@pytest.mark.parametrize(
    ("section", "name", "part"),
    [
        ("Outputs", "Secret", {"Value": {"Fn::Sub": "{{resolve:secretsmanager:${StackSecret}}}"}}),
        ("Outputs", "SecretArn", {"Value": {"Ref": "StackSecret"}}),
        (
            "Resources",
            "MakeAMix",
            {"Properties": {"Environment": {"Variables": {"A": "{{resolve:secretsmanager:b}}"}}}},
        ),
        (
            "Resources",
            "DynamicNTS",
            {"Properties": {"DefinitionSubstitutions": {"A": {"Ref": "StackSecret"}}}},
        ),
    ],
)
def test_a_secret_in_another_place_is_found(section: str, name: str, part: dict[str, Any]) -> None:
    broken = plain_template()
    broken[section][name] = part
    assert secret_mentions(broken) == [name]


def test_another_generation_makes_another_secret() -> None:
    secret = plain_template()["Resources"]["StackSecret"]["Properties"]["GenerateSecretString"]
    assert "${SecretGeneration}" in secret["SecretStringTemplate"]["Fn::Sub"]
    assert secret["PasswordLength"] >= 43, "256 bits in letters and digits"
    for function in filter(needs_the_secret, ALL):
        wanted = f"{{{{resolve:secretsmanager:${{StackSecret}}:SecretString:{secret['GenerateStringKey']}}}}}"
        assert variables(function)["STACK_SECRET"] == {"Fn::Sub": wanted}
        assert variables(function)["SECRET_GENERATION"] == {"Ref": "SecretGeneration"}


@pytest.mark.parametrize("function", ALL)
def test_how_a_function_runs(function: str) -> None:
    properties = FUNCTIONS[function]
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert 128 <= properties["MemorySize"] <= 1024
    assert 0 < properties["Timeout"] <= 300
    assert variables(function)["STACK_NAME"] == {"Ref": "AWS::StackName"}


@pytest.mark.parametrize("function", ALL)
def test_a_function_logs_json_to_a_group_of_its_own(function: str) -> None:
    template = plain_template()
    logging = FUNCTIONS[function]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    group = template["Resources"][logging["LogGroup"]["Ref"]]["Properties"]
    name = FUNCTIONS[function]["FunctionName"]["Fn::Sub"]
    assert group["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{name}"
    assert group["RetentionInDays"] > 0
    role = FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]
    (log,) = [
        statement
        for statement in all_statements(template)
        if statement.owner == role and "logs:PutLogEvents" in statement.actions
    ]
    assert {"Fn::GetAtt": [logging["LogGroup"]["Ref"], "Arn"]} in log.resources


def test_concurrency_is_reserved_only_where_the_account_is_large_enough() -> None:
    reserved = {
        name: properties["ReservedConcurrentExecutions"]["Fn::If"]
        for name, properties in FUNCTIONS.items()
        if "ReservedConcurrentExecutions" in properties
    }
    assert reserved["ReapInstances"][1] == 1, "two reapers would get in each other's way"
    assert all(choice[0] == "ReservesConcurrency" for choice in reserved.values())
    assert all(choice[2] == {"Ref": "AWS::NoValue"} for choice in reserved.values())


def test_what_the_reaper_missed_is_kept() -> None:
    template = plain_template()
    queue = {"Fn::GetAtt": ["ReaperDeadLetters", "Arn"]}
    rules = resources_of(template, "AWS::Events::Rule")
    targets = [target for rule in rules.values() for target in rule["Targets"]]
    assert len(targets) == 2
    assert all(target["DeadLetterConfig"] == {"Arn": queue} for target in targets)
    (invoke,) = resources_of(template, "AWS::Lambda::EventInvokeConfig").values()
    assert invoke["DestinationConfig"]["OnFailure"]["Destination"] == queue
    (policy,) = resources_of(template, "AWS::SQS::QueuePolicy").values()
    sources = policy["PolicyDocument"]["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"]
    named = {source["Fn::Sub"].rpartition("/")[2] for source in sources}
    assert named == {rule["Name"]["Fn::Sub"] for rule in rules.values()}
    (ended,) = [rule["EventPattern"] for rule in rules.values() if "EventPattern" in rule]
    assert ended["detail-type"] == [reap_instances.STATUS_CHANGE]
    assert ended["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
