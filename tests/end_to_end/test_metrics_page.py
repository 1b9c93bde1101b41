"""The metrics page in a real browser, at the sizes of a telephone, a tablet and a desk."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_cloud import toolchain
from local_cloud.paths import REPOSITORY
from organist.metrics.documents import Documents
from organist.metrics.receiver import receive

BROWSER = Path(__file__).with_name("page_at_sizes.mjs")
CHROMIUM = REPOSITORY / "tools" / "screenshots" / "node_modules" / "@sparticuz" / "chromium"
RECORDED = REPOSITORY / "tests" / "metrics" / "recorded" / "media.ndjson"

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() or platform.machine() != "x86_64",
    reason="needs the packages of tools/screenshots, on x86_64",
)


@pytest.mark.parametrize("locale", ["C", "en_US.UTF-8"])
def test_the_page_shows_chains_and_charts_and_fits(tmp_path: Path, locale: str) -> None:
    """In the locale C, Chromium says that its language is en-US@posix, which Intl does not know."""
    with (
        Documents(tmp_path / "kept.ndjson", lambda: datetime.now(UTC)) as documents,
        receive(documents, toolchain.CHARTS_FOLDER) as receiver,
    ):
        for line in RECORDED.read_text(encoding="utf-8").splitlines():
            documents.add("/media", json.dumps(json.loads(line)["document"]).encode())
        done = subprocess.run(
            [str(toolchain.node()), str(BROWSER), receiver.url, "#chains"],
            env=os.environ | {"LC_ALL": locale},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    for seen in json.loads(done.stdout):
        assert seen["errors"] == []
        assert seen["overflow"] <= 0
        assert seen["charts"] > 0
        assert "mixer" in seen["text"]
