"""A laptop's AWS: the project's state machine, functions, machines and tasks, for real, on 127.0.0.0/8."""
