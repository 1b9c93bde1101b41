"""The one account and region of the local cloud."""

REGION = "eu-west-1"
ACCOUNT = "123456789012"
