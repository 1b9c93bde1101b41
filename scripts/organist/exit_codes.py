"""What the command's exit codes mean."""

SUCCESS = 0
FAILURE = 1  # a production failed, or something is left
BAD_INPUT = 2  # nothing was started
INTERRUPTED = 130  # Ctrl-C, as shells have it
