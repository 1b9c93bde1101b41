"""Where the repository is, and where what is made from it is written.

In an installed wheel the repository is ``organist/shipped``, which has no pyproject.toml.
"""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
WRITABLE = REPOSITORY if (REPOSITORY / "pyproject.toml").is_file() else Path.cwd() / "build"
