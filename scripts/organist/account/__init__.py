"""The AWS account: its clients, the deployed stack, what runs there, what it has room for."""
