"""What an account holds, to see that nothing is left."""

from typing import Any

from organist.account.aws_account import Account

# Every kind of thing that the template makes, and one listing of it each.
LISTINGS = {
    ("cloudformation", "list_stacks", "StackSummaries"): "StackName",
    ("s3", "list_buckets", "Buckets"): "Name",
    ("cloudwatch", "describe_alarms", "MetricAlarms"): "AlarmName",
    ("cloudwatch", "list_dashboards", "DashboardEntries"): "DashboardName",
    ("codebuild", "list_projects", "projects"): None,
    ("ec2", "describe_launch_templates", "LaunchTemplates"): "LaunchTemplateName",
    ("ec2", "describe_security_groups", "SecurityGroups"): "GroupName",
    ("ec2", "describe_network_interfaces", "NetworkInterfaces"): "NetworkInterfaceId",
    ("ec2", "describe_addresses", "Addresses"): "PublicIp",
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"): "AutoScalingGroupName",
    ("ecs", "list_clusters", "clusterArns"): None,
    ("ecr", "describe_repositories", "repositories"): "repositoryName",
    ("ecs", "list_task_definitions", "taskDefinitionArns"): None,
    ("events", "list_rules", "Rules"): "Name",
    ("iam", "list_instance_profiles", "InstanceProfiles"): "InstanceProfileName",
    ("iam", "list_roles", "Roles"): "RoleName",
    ("lambda", "list_functions", "Functions"): "FunctionName",
    ("logs", "describe_log_groups", "logGroups"): "logGroupName",
    ("logs", "describe_metric_filters", "metricFilters"): "filterName",
    ("schemas", "list_registries", "Registries"): "RegistryName",
    ("secretsmanager", "list_secrets", "SecretList"): "Name",
    ("sns", "list_topics", "Topics"): "TopicArn",
    ("sqs", "list_queues", "QueueUrls"): None,
    ("stepfunctions", "list_state_machines", "stateMachines"): "name",
}


def everything(account: Account) -> set[str]:
    """Name all that is in the account, but for deleted stacks and the default security group."""
    found: set[str] = set()
    for (service, call, key), name in LISTINGS.items():
        client: Any = account.session.client(service, endpoint_url=account.endpoint_url)  # type: ignore[call-overload]
        for item in getattr(client, call)().get(key) or []:
            if isinstance(item, dict) and item.get("StackStatus") == "DELETE_COMPLETE":
                continue
            found.add(f"{service} {item if name is None else item[name]}")
    return found - {"ec2 default"}
