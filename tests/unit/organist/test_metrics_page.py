"""The page of the metrics: its JavaScript in Node.js, and that it needs nothing from elsewhere."""

import re
import subprocess
from pathlib import Path

from local_cloud import toolchain
from organist.metrics.receiver import PAGE, UPLOT

TESTS = Path(__file__).parent / "metrics_page"


def test_what_the_page_makes_of_documents_is_right() -> None:
    tests = sorted(str(path) for path in TESTS.glob("*.test.mjs"))
    done = subprocess.run(
        [str(toolchain.node()), "--test", *tests], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_needs_nothing_from_elsewhere() -> None:
    for file in set(PAGE.values()):
        addresses = set(re.findall(r"https?://[^\s'\"]+", file.read_text(encoding="utf-8")))
        assert not addresses, file.name


def test_what_the_page_asks_for_is_served() -> None:
    served = {path.removeprefix("/") for path in PAGE} | set(UPLOT)
    for file in set(PAGE.values()):
        wanted = re.findall(r"(?:href|src|from) ?=? ?['\"](?:\./)?([\w.]+\.(?:m?js|css))", file.read_text())
        assert set(wanted) <= served, file.name
