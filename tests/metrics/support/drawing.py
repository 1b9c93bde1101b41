"""A Vega panel as Kibana shows it: its own query asked of a store, the answer drawn by Vega itself."""

import json
import os
import subprocess
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from tests.metrics.support.stores import Store

RENDER = Path(__file__).with_name("render_vega.cjs")
PACKAGES = REPOSITORY / "tests" / "node_modules"


def found(store: Store, specification: dict[str, Any], production: str, moment: str) -> Any:
    """What a panel's query finds of a production up to a moment (ISO 8601)."""
    (data,) = [one for one in specification["data"] if "url" in one]
    asked = data["url"]
    assert asked["%context%"] is True
    # Kibana puts the dashboard's time and filters there.
    within = {"range": {asked["%timefield%"]: {"lte": moment}}}
    only = {"term": {"organist.production.id": production}}
    return store.search(asked["index"], asked["body"] | {"query": {"bool": {"filter": [within, only]}}})


def draw(
    specification: dict[str, Any], answer: Any, moment: str, size: tuple[int, int], wanted: Iterable[str]
) -> dict[str, Any]:
    """Let Vega draw an answer at a moment; return the rows of the wanted data, and every text drawn."""
    now = datetime.fromisoformat(moment).timestamp() * 1000
    width, height = size
    given = {"spec": specification, "answer": answer, "now": now, "width": width, "height": height}
    done = subprocess.run(
        [str(toolchain.node()), str(RENDER)],
        input=json.dumps(given | {"wanted": list(wanted)}),
        env=os.environ | {"NODE_PATH": str(PACKAGES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made
