"""Several web processes, forked from one that has made the app: they share its memory."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from socket import SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET, socket
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

PAUSE = 1.0
"""Seconds between the end of a process and the start of another in its place."""

_log = logging.getLogger(__name__)


def answer_together(config: uvicorn.Config, count: int) -> None:
    """Keep ``count`` processes answering on one port, until an exception such as SystemExit.

    One that died is replaced; when one cannot even start, none would: leaves with its exit code.
    """
    with config.bind_socket() as asked:  # leaves with a sentence when the port is not to be had
        family, address = asked.family, asked.getsockname()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["couveuse.preloaded"])

    def start() -> ForkServerProcess:
        with _door(family, address) as door:
            process = context.Process(target=_answer, args=(config, door))
            process.start()
            return process

    running = [start() for _ in range(count)]
    try:
        while True:
            wait([process.sentinel for process in running])
            time.sleep(PAUSE)
            ended = [process for process in running if process.exitcode is not None]
            if any(process.exitcode == STARTUP_FAILURE for process in ended):
                raise SystemExit(STARTUP_FAILURE)
            for process in ended:
                _log.error("web process %s ended with %s", process.pid, process.exitcode)
                running[running.index(process)] = start()
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()


def _door(family: int, address: Any) -> socket:
    """A socket on a port that others share: the kernel deals new connections out among them.

    With one socket for all, whichever process wakes first takes a whole rush for itself.
    """
    door = socket(family)
    for option in (SO_REUSEADDR, SO_REUSEPORT):
        door.setsockopt(SOL_SOCKET, option, 1)
    door.bind(address)
    return door


def _answer(config: uvicorn.Config, listening: socket) -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
