"""What stops the command before anything is started: one message, exit code 2, never a traceback."""


class CommandError(Exception):
    """What happened, what was expected, what to do: shown to the person as it is."""


class InputFileError(CommandError):
    """The input document cannot be read, or has mistakes."""
