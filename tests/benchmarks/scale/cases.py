"""The cases of ``make scale``, each in a process of its own, as moto's state and the environment are."""

import logging
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from local_cloud.limits.account_limits import CONCURRENCY, AccountLimits
from tests.benchmarks.scale.account import Account, Outcome

RUN_SECONDS = 20
SMALL_ACCOUNT = 10
"""Functions at once in a new account: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@dataclass(frozen=True)
class Case:
    """So many productions at once, on air for some seconds; so many functions at once, 0 without limits."""

    productions: int
    concurrency: int
    run_seconds: int = RUN_SECONDS

    @property
    def limits(self) -> str:
        """What the table says of them."""
        return f"AWS's, {self.concurrency} functions at once" if self.concurrency else "none"


ONE = Case(1, 0)
ALL = (
    ONE,
    *(Case(productions, 0) for productions in (20, 50, 100, 200)),
    Case(10, SMALL_ACCOUNT),
    *(Case(productions, CONCURRENCY) for productions in (1, 20, 50, 100, 200)),
)
QUICK = (ONE, Case(10, SMALL_ACCOUNT), Case(20, CONCURRENCY))


def run(case: Case) -> Outcome:
    """Run a case; its account begins with full buckets."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_run_here, case).result()


def _run_here(case: Case) -> Outcome:
    logging.disable(logging.CRITICAL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the functions' metrics are lines of their output
    limits = AccountLimits(case.concurrency) if case.concurrency else None
    with tempfile.TemporaryDirectory(prefix="scale-") as folder, Account(Path(folder), limits) as account:
        return account.produce(case.productions, case.run_seconds)
