"""Names that two stacks can share an account with, machines, the image, alarms, outputs."""

import json
import re
from typing import Any

import pytest

from lambdas import reap_instances
from lambdas.runtime.metrics import NAMESPACE
from local_cloud.paths import REPOSITORY
from organist.deploy.image.build import ImagePlace, build_request, image_tags
from organist.deploy.package.uploads import FOLDER
from organist.deploy.stack.stack_parameters import ImageSource
from tests.unit.template.plain import (
    REGION,
    Template,
    plain_template,
    resources_of,
    source_template,
    texts,
)
from tests.unit.template.statements import all_statements

PREFIX = "${NamePrefix}"
LONGEST_PREFIX = 20
# Properties that are names of an account and region, and how long each may be.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
NAMES = {
    ("AWS::Lambda::Function", "FunctionName"): 64,
    ("AWS::StepFunctions::StateMachine", "StateMachineName"): 80,
    ("AWS::Logs::LogGroup", "LogGroupName"): 512,
    ("AWS::EC2::SecurityGroup", "GroupName"): 255,
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName"): 128,
    ("AWS::ECS::TaskDefinition", "Family"): 255,
    ("AWS::ECR::Repository", "RepositoryName"): 256,
    ("AWS::CodeBuild::Project", "Name"): 150,
    ("AWS::Events::Rule", "Name"): 64,
    ("AWS::CloudWatch::Alarm", "AlarmName"): 255,
    ("AWS::CloudWatch::Dashboard", "DashboardName"): 255,
    ("AWS::IAM::Role", "RoleName"): 64,
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"): 128,
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"): 128,
    ("AWS::SecretsManager::Secret", "Name"): 512,
    ("AWS::SQS::Queue", "QueueName"): 80,
    ("AWS::SNS::Topic", "TopicName"): 256,
}


def fixed_names(template: Template) -> dict[str, Any]:
    """Every name that the template decides, by the resource's logical id."""
    return {
        name: properties[key]
        for kind, key in NAMES
        for name, properties in resources_of(template, kind).items()
        if key in properties
    }


def shared_names(template: Template) -> list[str]:
    """Names that a second stack in the account and region would want too."""
    return [
        owner
        for owner, name in fixed_names(template).items()
        if name != {"Ref": "AWS::StackName"}
        and PREFIX not in (name if isinstance(name, dict) else {}).get("Fn::Sub", "")
    ]


def test_two_stacks_share_no_name() -> None:
    assert shared_names(plain_template()) == []


@pytest.mark.parametrize("name", ["newInstance", {"Fn::Sub": "new-${AWS::Region}"}, {"Ref": "VpcId"}])
def test_a_name_that_two_stacks_would_share_is_found(name: Any) -> None:
    broken = plain_template()
    broken["Resources"]["NewInstance"]["Properties"]["FunctionName"] = name
    assert shared_names(broken) == ["NewInstance"]


def test_names_fit_with_the_longest_prefix() -> None:
    template = plain_template()
    for (kind, key), longest in NAMES.items():
        for properties in resources_of(template, kind).values():
            written = properties.get(key, {}).get("Fn::Sub", "")
            assert len(written.replace(PREFIX, "a" * LONGEST_PREFIX)) <= longest


def unprefixed(template: Template) -> list[str]:
    """Where something is meant by its fixed name alone."""
    names = {name["Fn::Sub"].split(PREFIX)[1] for name in fixed_names(template).values() if "Fn::Sub" in name}
    meant = re.compile(rf"(^|[:/])({'|'.join(map(re.escape, names))})($|[:/*])")
    # A policy's name is its role's own, a stream's its group's; what stands in a container is its task's.
    own = {"PolicyName", "awslogs-stream-prefix", "Image", "Command", "Name"}
    return [
        path[0] for path, text in texts(template["Resources"]) if meant.search(text) and not own & set(path)
    ]


def test_wherever_a_fixed_name_is_meant_its_prefix_stands_before_it() -> None:
    assert unprefixed(plain_template()) == []


@pytest.mark.parametrize(
    "text",
    [
        "dynamicNTS",
        "arn:aws:states:${AWS::Region}:${AWS::AccountId}:execution:dynamicNTS:*",
        "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:newInstance",
        "/aws/lambda/newInstance",
    ],
)
def test_a_fixed_name_without_its_prefix_is_found(text: str) -> None:
    broken = plain_template()
    broken["Resources"]["More"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::Sub": text}}}
    assert unprefixed(broken) == ["More"]


def test_a_machine_ends_with_its_shutdown_and_keeps_its_metadata_from_containers() -> None:
    (launched,) = resources_of(plain_template(), "AWS::EC2::LaunchTemplate").values()
    data = launched["LaunchTemplateData"]
    assert data["InstanceInitiatedShutdownBehavior"] == "terminate"
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    for device in data["BlockDeviceMappings"]:
        assert device["Ebs"]["Encrypted"] is True
        assert device["Ebs"]["DeleteOnTermination"] is True
        assert device["Ebs"]["VolumeType"] == "gp3"
    assert "KeyName" not in data


@pytest.mark.parametrize("family", ["Node-RED-family", "Node-RED-dynamorse-family"])
def test_a_task_definition_is_the_files_with_what_the_deployment_decides(family: str) -> None:
    definitions = resources_of(plain_template(), "AWS::ECS::TaskDefinition").values()
    (merged,) = [found for found in definitions if found["Family"] == {"Fn::Sub": PREFIX + family}]
    registered = json.loads((REPOSITORY / "tasks" / f"{family}.json").read_text())
    assert merged["Family"] == {"Fn::Sub": PREFIX + registered["family"]}
    (container,) = merged["ContainerDefinitions"]
    (own,) = registered["containerDefinitions"]
    assert container["Name"] == own["name"]
    assert container["HealthCheck"]["Command"] == own["healthCheck"]["command"]
    assert "NodeREDImageTag" in container["Image"]["Fn::Sub"]
    variables = {entry["Name"]: entry["Value"] for entry in container["Environment"]}
    assert set(variables) == {entry["name"] for entry in own["environment"]}
    monitored = {"Fn::GetAtt": ["MonitoringStack", "Outputs.LogHost"]}
    assert variables["LOG_HOSTNAME"] == {"Fn::If": ["HasMonitoring", monitored, {"Ref": "LogHost"}]}
    options = container["LogConfiguration"]["Options"]
    assert options["awslogs-group"] == {"Ref": "NodeREDLogGroup"}
    assert options["awslogs-region"] == {"Ref": "AWS::Region"}
    assert options["mode"] == "non-blocking"


def test_the_state_machine_logs_its_steps_without_their_data() -> None:
    (machine,) = resources_of(plain_template(), "AWS::StepFunctions::StateMachine").values()
    logging = machine["LoggingConfiguration"]
    # A source's URL may carry somebody's token.
    assert logging["IncludeExecutionData"] is False
    assert logging["Level"] == "ALL"
    assert machine["TracingConfiguration"] == {"Enabled": True}


def test_the_state_machine_may_call_exactly_what_it_names() -> None:
    template = plain_template()
    (machine,) = resources_of(template, "AWS::StepFunctions::StateMachine").values()
    named = {value["Fn::GetAtt"][0] for value in machine["DefinitionSubstitutions"].values()}
    policy = template["Resources"]["DynamicNTSRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    (calls,) = [one for one in policy["Statement"] if one["Action"] == "lambda:InvokeFunction"]
    assert {resource["Fn::GetAtt"][0] for resource in calls["Resource"]} == named
    assert named == set(resources_of(template, "AWS::Lambda::Function")) - {"ReapInstances"}


def test_the_image_is_scanned_goes_with_the_stack_and_is_never_written_over() -> None:
    (repository,) = resources_of(plain_template(), "AWS::ECR::Repository").values()
    assert repository["EmptyOnDelete"] is True
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    # ECR wants one rule for untagged images at the most, and each priority once.
    rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert [rule["rulePriority"] for rule in rules] == [1, 2]


def test_the_images_of_a_deployment_outlive_the_next_ones() -> None:
    (repository,) = resources_of(plain_template(), "AWS::ECR::Repository").values()
    rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    images_of_a_deployment = len({"x86_64", "arm64", "dynamorse"})
    assert rules[0]["selection"]["countNumber"] >= 5 * images_of_a_deployment


def test_the_image_is_built_by_itself_from_a_file_within_its_source() -> None:
    (project,) = resources_of(plain_template(), "AWS::CodeBuild::Project").values()
    assert project["Environment"]["Type"] == "LINUX_CONTAINER"
    assert project["Environment"]["ComputeType"] == "BUILD_GENERAL1_SMALL"
    assert project["Environment"]["PrivilegedMode"] is True
    folder = REPOSITORY / "tasks" / "node-red"
    specification = project["Source"]["BuildSpec"]
    assert f"!{specification}" in (folder / ".dockerignore").read_text().splitlines()
    given = {variable["Name"] for variable in project["Environment"]["EnvironmentVariables"]}
    wanted = set(re.findall(r"\$\{?([A-Z_]+)", (folder / specification).read_text()))
    place, source = ImagePlace("a", "b", "c"), ImageSource("d", "e", "f")
    request = build_request(place, source, with_dynamorse=True)
    assert wanted == given == {entry["name"] for entry in request["environmentVariablesOverride"]}


def test_the_build_may_read_every_source_that_deployments_upload() -> None:
    """An update builds its image while the stack, and the build's role, are still the old ones."""
    (read,) = [
        statement
        for statement in all_statements(plain_template())
        if statement.owner == "NodeREDImageBuildRole" and "s3:GetObject" in statement.actions
    ]
    assert read.resources == [f"arn:${{AWS::Partition}}:s3:::${{SourceBucket}}/{FOLDER}*"]


def test_a_task_is_of_the_architecture_that_its_machines_have() -> None:
    (definition,) = [
        found
        for found in resources_of(plain_template(), "AWS::ECS::TaskDefinition").values()
        if found["Family"] == {"Fn::Sub": f"{PREFIX}Node-RED-family"}
    ]
    (container,) = definition["ContainerDefinitions"]
    (tag,) = image_tags("${NodeREDImageTag}", with_dynamorse=False)
    assert container["Image"]["Fn::Sub"].endswith(f":{tag}")


@pytest.mark.parametrize(
    ("policy", "roles", "key", "service"),
    [
        ("VolumeKeyPolicy", ["NewInstanceRole"], "VolumeKeyArn", "ec2.${AWS::Region}.amazonaws.com"),
        (
            "MediaKeysPolicy",
            ["TaskRole", "CompleteRecordingRole", "ReapInstancesRole"],
            "MediaKeyArns",
            "s3.*.amazonaws.com",
        ),
    ],
)
def test_a_key_of_the_customers_is_allowed_to_whom_it_is_needed_by(
    policy: str, roles: list[str], key: str, service: str
) -> None:
    template = plain_template()
    resource = template["Resources"][policy]
    named = template["Conditions"][resource["Condition"]]
    assert key in json.dumps(named), "only where there is one"
    assert resource["Properties"]["Roles"] == [{"Ref": role} for role in roles]
    for statement in (found for found in all_statements(template) if found.owner == policy):
        assert statement.resources == [{"Ref": key}]
        assert statement.condition("kms:ViaService") in (service, {"Fn::Sub": service})


def test_every_log_group_forgets() -> None:
    groups = resources_of(plain_template(), "AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] <= 30 for group in groups.values())


def test_what_can_go_wrong_has_an_alarm() -> None:
    alarms = resources_of(plain_template(), "AWS::CloudWatch::Alarm").values()
    # One whose figure is of log lines has a namespace of the stack's own.
    assert {(json.dumps(alarm["Namespace"]).strip('"'), alarm["MetricName"]) for alarm in alarms} == {
        ("AWS/States", "ExecutionsFailed"),
        ("AWS/States", "ExecutionsTimedOut"),
        (NAMESPACE, "OrphansReaped"),
        (NAMESPACE, "ReaperRefused"),
        ('{"Fn::Sub": "organist/${AWS::StackName}"}', "ChainDown"),
        ('{"Fn::Sub": "organist/${AWS::StackName}"}', "OutputInTrouble"),
        ("AWS/Lambda", "Errors"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    }
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in alarms)


def test_the_reapers_metrics_are_those_that_it_publishes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "studio")
    reap_instances._log({"dryRun": False, "removed": [], "refused": []})
    published = json.loads(capsys.readouterr().out.splitlines()[-1])
    (metrics,) = published["_aws"]["CloudWatchMetrics"]
    alarms = [
        alarm
        for alarm in resources_of(plain_template(), "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == metrics["Namespace"]
    ]
    assert {alarm["MetricName"] for alarm in alarms} == {metric["Name"] for metric in metrics["Metrics"]}
    for alarm in alarms:
        assert [[dimension["Name"] for dimension in alarm["Dimensions"]]] == metrics["Dimensions"]
    assert published["service"] == "studio", "the stack's name"


def test_the_dashboard_is_one() -> None:
    (dashboard,) = resources_of(plain_template(), "AWS::CloudWatch::Dashboard").values()
    written = dashboard["DashboardBody"]["Fn::Sub"]
    body = json.loads(re.sub(r"\$\{[^}]+\}", "name", written))
    boxes = [(widget["x"], widget["y"], widget["width"], widget["height"]) for widget in body["widgets"]]
    assert len(boxes) == len({box[:2] for box in boxes})
    assert all(box[0] + box[2] <= 24 for box in boxes)
    functions = resources_of(plain_template(), "AWS::Lambda::Function")
    assert set(functions) <= set(re.findall(r"\$\{(\w+)\}", written))


def test_the_outputs_that_commands_read() -> None:
    assert set(plain_template()["Outputs"]) == {
        *("StateMachineArn", "NodeREDRepositoryUri", "NodeREDRepositoryName", "NodeREDImageBuild"),
        *(
            "ReaperFunction",
            "ClusterName",
            "LaunchTemplateId",
            "SecurityGroupId",
            "AlarmTopicArn",
            "DashboardName",
        ),
        *("PublishBucketName", "PublishDomain", "PublishDistributionArn"),
        *("KibanaUrl", "KibanaPasswordArn", "MonitoringCluster", "MonitoringVolume", "NamePrefix"),
    }


def test_every_parameter_is_explained_and_used() -> None:
    template = plain_template()
    for name, parameter in template["Parameters"].items():
        assert len(parameter["Description"]) > 20, name
    parts = {key: template[key] for key in ("Resources", "Conditions", "Outputs")}
    used = json.dumps(parts)
    for name in template["Parameters"]:
        assert f'"Ref": "{name}"' in used or f"${{{name}}}" in used, name


def test_the_template_that_is_translated_is_left_as_it_is() -> None:
    before = source_template()
    assert plain_template() != before
    assert source_template() == before
    assert REGION not in json.dumps(plain_template()), "one template for every region"
