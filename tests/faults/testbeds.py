"""Several testbeds, each in a process of its own: moto's state and the environment are one a process."""

import atexit
import logging
import multiprocessing
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from tests.faults.plan import Plan, Restriction, Result
from tests.faults.testbed import FaultTestbed

ATTEMPTS = 4  # productions in which a call that depends on timing is waited for
_here: list[FaultTestbed] = []


class FaultTestbeds:
    """Runs productions on as many testbeds as there are processors and one more, which fills the waits."""

    def __init__(self, count: int = (os.cpu_count() or 1) + 1) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="organist-faults-")
        self._pool = ProcessPoolExecutor(
            count, multiprocessing.get_context("spawn"), initializer=_enter, initargs=(self._folder.name,)
        )

    def __enter__(self) -> "FaultTestbeds":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def run(self, plan: Plan) -> Result:
        """Run one production; again if it did not come to all of its faults."""
        return self._pool.submit(_run, plan).result()

    def run_once(self, plan: Plan) -> Result:
        """Run one production, whichever of its faults it comes to."""
        return self._pool.submit(_run_once, plan).result()

    def run_restricted(self, restriction: Restriction, plan: Plan | None = None) -> Result:
        """Run one production while a role may do something elsewhere only."""
        return self._pool.submit(_run_restricted, restriction, plan or Plan()).result()

    def run_all(self, plans: Iterable[Plan]) -> Iterator[Result]:
        """Run productions, several at once; return their results in order."""
        yield from self._pool.map(_run, plans)

    def run_and_redrive_all(self, plans: Iterable[Plan]) -> Iterator[tuple[Result, Result]]:
        """Run productions and redrive each; return the results of both attempts."""
        yield from self._pool.map(_run_and_redrive, plans)

    def run_side_by_side(self, plans: tuple[Plan, ...]) -> list[Result]:
        """Run productions at once in one account; the reaper comes as soon as the first one has ended."""
        return self._pool.submit(_run_side_by_side, plans).result()


def _enter(folder: str) -> None:
    logging.disable(logging.CRITICAL)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    testbed = FaultTestbed(Path(tempfile.mkdtemp(dir=folder)))
    _here.append(testbed)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    atexit.register(testbed.close)
    # A process of a pool ends without the interpreter's usual end; this is the one that it has.
    multiprocessing.util.Finalize(None, testbed.close, exitpriority=10)


def _end_with_parent(folder: str) -> None:
    # A parent that is killed tells its pool nothing, and what it had asked for would go on. The local cloud's
    # watchdog ends what this process leaves.
    parent = multiprocessing.parent_process()
    assert parent is not None, "a testbed is a process of a pool"
    parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _run_and_redrive(plan: Plan) -> tuple[Result, Result]:
    return _here[0].run_and_redrive(plan)


def _run_restricted(restriction: Restriction, plan: Plan) -> Result:
    return _here[0].run_restricted(restriction, plan)


def _run_once(plan: Plan) -> Result:
    return _here[0].run(plan)


def _run(plan: Plan) -> Result:
    productions = 1
    result = _here[0].run(plan)
    while not set(plan.faults) <= set(result.injections) and productions < ATTEMPTS and not result.left:
        result = _here[0].run(plan)
        productions += 1
    return replace(result, productions=productions)


def _run_side_by_side(plans: tuple[Plan, ...]) -> list[Result]:
    testbed = _here[0]
    started = [testbed.start(plan) for plan in plans]
    testbed.wait_for_end(started[0][0])
    testbed.reap()
    for arn, _ in started[1:]:
        testbed.wait_for_end(arn)
    return [testbed.finish(arn, watch) for arn, watch in started]
