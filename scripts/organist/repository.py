"""Where things are in the repository."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"
TEMPLATE = REPOSITORY / "template.yaml"
EXAMPLE_INPUT = REPOSITORY / "step_functions" / "mediaInput.json"
