"""What CloudWatch Logs has of an account: the lines of containers and functions, in their log groups."""
