"""moto's server on 127.0.0.1, in this process."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from moto.core.config import default_user_config
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from local_cloud.errors import PortTakenError
from local_cloud.moto_patches.replacements import Replacements


def configure(replacements: Replacements) -> None:
    """Let state machines execute, and functions run without Docker."""
    replacements.set_item(default_user_config, "stepfunctions", {"execute_state_machine": True})
    replacements.set_item(default_user_config, "lambda", {"use_docker": False})


@contextmanager
def serve(port: int, log_file: Path) -> Iterator[str]:
    """Serve on 127.0.0.1 (port 0: any free one) and return the endpoint; moto begins and ends empty."""
    with _logged_to(log_file, "werkzeug", "moto"):
        _check_free(port)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        _, actual = server.get_host_and_port()
        endpoint = f"http://127.0.0.1:{actual}"
        before = os.environ.get("MOTO_PORT")
        os.environ["MOTO_PORT"] = str(actual)
        try:
            _reset(endpoint)
            yield endpoint
            _reset(endpoint)
        finally:
            server.stop()
            if server._server is not None:
                server._server.server_close()
            os.environ.pop("MOTO_PORT")
            if before is not None:
                os.environ["MOTO_PORT"] = before


def _check_free(port: int) -> None:
    # moto's server would wait for ever for a thread that could not bind.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTakenError(
                f"The port {port} of 127.0.0.1 cannot be had ({error.strerror}); take another, or 0 for any."
            ) from error


def _reset(endpoint: str) -> None:
    with requests.Session() as session:
        session.trust_env = False  # never by way of a proxy
        session.post(f"{endpoint}/moto-api/reset", timeout=30).raise_for_status()


@contextmanager
def _logged_to(log_file: Path, *names: str) -> Iterator[None]:
    handler = logging.FileHandler(log_file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()
