"""Kept metrics as they may be published: the host's name becomes one that a container would say.

python -m tests.metrics.recorded.without_this_machine build/productions/NAME/metrics.ndjson > media.ndjson
"""

import json
import sys
from pathlib import Path
from typing import Any

NAMELESS = "mixer-1"  # dynamorse's documents do not tell whose they are


def anonymous(kept: dict[str, Any]) -> dict[str, Any]:
    """Return a kept record whose document says ``mixer-1`` or the like for its host."""
    for part in kept["document"].values():
        role = str(part.get("instanceName", NAMELESS)).rsplit("-", 1)[0]
        part["host"] = f"{role}-1"
    return kept


def main() -> None:
    """Write the records of the file that is named, to standard output."""
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        print(json.dumps(anonymous(json.loads(line)), ensure_ascii=False))


if __name__ == "__main__":
    main()
