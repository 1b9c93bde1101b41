"""CloudFormation: parameters, change sets, events."""
