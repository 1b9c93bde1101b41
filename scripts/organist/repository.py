"""Where things are: in a checkout, and in an installed wheel.

The wheel has no top-level name but ``organist``. Below ``organist/shipped`` it has what the command
needs of the repository, laid out as in a checkout, so that every path below ``REPOSITORY`` is the same.
"""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_SHIPPED = _HERE / "shipped"

INSTALLED = _SHIPPED.is_dir()
REPOSITORY = _SHIPPED if INSTALLED else _HERE.parents[1]
# What is made is written here, never among the installed files.
BUILD = Path.cwd() / "build" if INSTALLED else REPOSITORY / "build"
TEMPLATE = REPOSITORY / "template.yaml"
EXAMPLE_INPUT = REPOSITORY / "step_functions" / "mediaInput.json"


def make_importable() -> None:
    """Let ``lambdas`` and ``local_cloud`` be found in an installed wheel, before any others of these names.

    In a checkout the editable installation finds them; in Lambda they lie at the zip's root.
    """
    if INSTALLED:
        sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "scripts")]
