"""The command `organist`: bad input and Ctrl-C are one line, never a traceback, also while it is loaded."""

import errno
import os
import sys

FAILURE, INTERRUPTED = 1, 130  # before exit_codes can be loaded
CANNOT_WRITE = (errno.ENOSPC, errno.EPIPE)


def main() -> None:
    """Run the command; a person's mistake gives one message and exit code 2."""
    try:
        try:
            code = _run()
        finally:
            sys.stdout.flush()  # or what cannot be written shows only as Python ends
    except KeyboardInterrupt:
        print("Stopped. Nothing was started.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        # Or Python tries to write what is left once more as it ends, and fails again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"What organist prints cannot be written: {error.strerror}.", file=sys.stderr)
        sys.exit(FAILURE)
    sys.exit(code)


def _run() -> int:
    # Loading takes a second or so, in which Ctrl-C may come.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from organist.account.aws_account import explain  # noqa: PLC0415
    from organist.app import app  # noqa: PLC0415
    from organist.command_errors import CommandError  # noqa: PLC0415
    from organist.exit_codes import BAD_INPUT  # noqa: PLC0415

    try:
        app()
    except CommandError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (ClientError, BotoCoreError) as error:
        print(explain(error), file=sys.stderr)
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    main()
