"""What can be wrong with the document that a person starts a production with."""

from lambdas.runtime.errors import Kind, OrganistError


class InvalidInput(OrganistError):
    """The input document has mistakes; the message names every one."""

    kind = Kind.FATAL
    advice = "Nothing was started. Mend the document (see step_functions/input.schema.json) and start again."

    def __init__(self, mistakes: list[str]) -> None:
        """Take the mistakes, each with its JSON path and what would be right."""
        self.mistakes = mistakes
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(
            f"The input has {count}:\n" + "\n".join(f"- {mistake}" for mistake in mistakes) + "\n"
        )
