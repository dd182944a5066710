"""Threads for calls that may hang: nothing waits for them at the end, and none blocks another.

The threads of `concurrent.futures` are few, and are joined when an event loop closes and again when the
interpreter ends, so a service that does not answer would delay a commit and the stop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


class OwnThreads(ThreadPoolExecutor):
    """Gives each call its own daemon thread. An event loop can use it as its default executor."""

    def submit(
        self, fn: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """Start the call at once."""
        future: Future[Result] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do nothing: there is nothing to release or to wait for."""


class Busy(Exception):
    """The previous call has not returned yet."""


class Lane:
    """One call at a time, each with a total time limit; a call that hangs keeps only its own thread."""

    def __init__(self) -> None:
        self._taken = threading.Lock()

    async def call(self, work: Callable[[], Result], within_s: float) -> Result:
        """What `work` returns or raises. Raises Busy, or TimeoutError after `within_s`."""
        if not self._taken.acquire(blocking=False):
            raise Busy

        def once() -> Result:
            try:
                return work()
            finally:
                self._taken.release()

        async with asyncio.timeout(within_s):
            return await asyncio.wrap_future(OwnThreads().submit(once))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Like asyncio.run, with such threads: it does not wait for a call that timed out."""

    async def with_own_threads() -> Result:
        asyncio.get_running_loop().set_default_executor(OwnThreads())
        return await work

    return asyncio.run(with_own_threads())
