"""The organist command: productions on a laptop and, later, in an AWS account."""
