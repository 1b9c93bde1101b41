"""What every session has: how its tests are shared out between processes, and the fault tests' totals."""

import os

pytest_plugins = ["tests.side_by_side", "tests.faults.session_totals"]

# Moto else makes its 1,300 machine images anew for every account, which takes longer than most tests.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
