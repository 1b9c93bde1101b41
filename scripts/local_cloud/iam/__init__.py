"""Whether a role's policies allow a call: what IAM does, and what each service asks it."""
