"""Node-RED on a machine: its task's variables, its API, its ports."""
