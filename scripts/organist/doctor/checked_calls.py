"""What productions ask IAM for, as recorded: `make calls` writes the file.

A test holds it against productions. The resource of each is the one that AWS checks, not the one that one
would like (``local_cloud.iam.requests``).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

CALLS_FILE = Path(__file__).with_name("checked_calls.json")
STATE_MACHINE, MACHINE = "the state machine", "the machines"
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")

Context = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, order=True)
class CheckedCall:
    """One question to IAM, with placeholders such as ``${Cluster}`` for what a deployment names.

    Attributes:
        subject: Whose role is asked about: a function's name, or one of the two above.
        action: Such as ``ecs:RunTask``.
        resource: The ARN that AWS checks, or ``*``.
        context: Condition keys and their values, sorted.
    """

    subject: str
    action: str
    resource: str
    context: Context = ()


def read_calls(path: Path = CALLS_FILE) -> list[CheckedCall]:
    """Return the recorded calls, sorted."""
    return sorted(
        CheckedCall(
            subject,
            one["action"],
            one["resource"],
            tuple((key, tuple(values)) for key, values in one.get("context", {}).items()),
        )
        for subject, calls in json.loads(path.read_text(encoding="utf-8")).items()
        for one in calls
    )


def write_calls(calls: Iterable[CheckedCall], path: Path = CALLS_FILE) -> None:
    """Write calls, sorted, as ``read_calls`` reads them."""
    by_subject: dict[str, list[str]] = {}
    for call in sorted(calls):
        entry: dict[str, object] = {"action": call.action, "resource": call.resource}
        if call.context:
            entry["context"] = {key: list(values) for key, values in call.context}
        by_subject.setdefault(call.subject, []).append(f"    {json.dumps(entry)}")
    # A line a call, so that a change of one is a line's change.
    separator = ",\n"
    subjects = [
        f"  {json.dumps(subject)}: [\n{separator.join(lines)}\n  ]" for subject, lines in by_subject.items()
    ]
    path.write_text("{\n" + separator.join(subjects) + "\n}\n", encoding="utf-8")


def filled(call: CheckedCall, values: Mapping[str, Sequence[str]]) -> Iterator[CheckedCall]:
    """Yield a call once for each combination of what its placeholders stand for.

    Args:
        call: As recorded.
        values: What each placeholder stands for; an empty sequence gives no call.
    """
    texts = [call.resource, *(value for _, given in call.context for value in given)]
    names = sorted({name for text in texts for name in _PLACEHOLDER.findall(text)})
    for chosen in product(*(values[name] for name in names)):
        stands = dict(zip(names, chosen, strict=True))

        def fill(text: str, stands: Mapping[str, str] = stands) -> str:
            return _PLACEHOLDER.sub(lambda match: stands[match[1]], text)

        context = tuple((key, tuple(map(fill, given))) for key, given in call.context)
        yield CheckedCall(call.subject, call.action, fill(call.resource), context)
