"""Asking a person before something is changed."""

from typing import TextIO

from organist.command_errors import CommandError


class NobodyToAsk(CommandError):
    """There is no terminal to ask at."""


def check_somebody(answers: TextIO) -> None:
    """Raise ``NobodyToAsk`` when the answers do not come from a terminal."""
    if not answers.isatty():
        raise NobodyToAsk("There is no terminal to ask at. Give --yes to go on. Nothing was changed.")


def confirm(question: str, answers: TextIO) -> bool:
    """Ask; anything but yes is no."""
    print(f"{question} [y/N] ", end="", flush=True)
    return answers.readline().strip().lower() in ("y", "yes")
