"""Running an analysis over every night: on this computer's processors, or on a Dask cluster.

A task writes its own result, so whatever is killed, the next run continues with what is missing.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Literal

from twitchwatch.errors import ConfigurationError, MissingExtraError, OutputError, TwitchwatchError
from twitchwatch.study.code import Code
from twitchwatch.study.folder import Folder, open_folder
from twitchwatch.study.partitions import Manifest, PartitionError, checked, manifests
from twitchwatch.study.register import takes_part, taking_part
from twitchwatch.study.results import NightFiles, name_of, note_latest, write_result
from twitchwatch.study.withdrawing import sweep

ATTEMPTS = 3

Outcome = Literal["done", "damaged", "withdrawn", "failed", "full"]
Done = tuple[Manifest, Outcome, str]


@dataclass(slots=True)
class Run:
    """What a run did: results computed now, those there already, and by place why one is missing."""

    computed: int = 0
    before: int = 0
    withdrawn: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def analyse(address: str, code: Code, manifest: Manifest) -> tuple[Outcome, str]:
    """One night: check its files, run the analysis, keep the result. What goes wrong is returned in words."""
    folder = open_folder(address)
    try:
        files = checked(folder, manifest)
    except PartitionError as error:
        return ("damaged", str(error)) if takes_part(folder, manifest.wearer) else ("withdrawn", "")
    try:
        night = NightFiles(manifest.wearer, manifest.night, manifest.sensor, files)
        # What it prints would be among the lines of --json.
        with redirect_stdout(sys.stderr):
            result = code.load()(night)
        if not takes_part(folder, manifest.wearer):
            return "withdrawn", ""
        write_result(folder, code.version, manifest, result)
        # Asked again: a withdrawal strikes the entry first, and then removes what it finds.
        if not takes_part(folder, manifest.wearer):
            folder.remove(name_of(code.version, manifest))
            return "withdrawn", ""
    except OutputError as error:
        return ("full", str(error)) if takes_part(folder, manifest.wearer) else ("withdrawn", "")
    except (Exception, SystemExit) as error:  # noqa: BLE001
        # An analysis is somebody else's code, which may raise anything; it must not stop the other nights.
        return "failed", f"{type(error).__name__}: {error}"
    return "done", ""


def run(
    folder: Folder,
    code: Code,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    on_night: Callable[[int, int], None] = lambda *_: None,
) -> Run:
    """Analyse every night that has no result yet; each is tried up to ATTEMPTS times.

    scheduler: of a Dask cluster, `tcp://host:port`; otherwise processes of this computer. Raises OutputError
    if results cannot be written, and ConfigurationError if the scheduler is gone: run it again to continue.
    """
    found, wrong = manifests(folder)
    here = {one.wearer for one in taking_part(folder)}
    found = [one for one in found if one.wearer in here]
    version = code.version
    note_latest(folder, version)
    there = set(folder.names(f"results/{version}", ".json"))
    waiting = [one for one in found if name_of(version, one) not in there]
    result = Run(before=len(found) - len(waiting), failed=dict(wrong))
    by_place = {one.place: one for one in waiting}
    said: dict[str, str] = {}
    for attempt in range(ATTEMPTS):
        if not by_place:
            break
        left = [*by_place.values()]
        # In the last attempt a night that kills its process takes no other one with it.
        alone = attempt == ATTEMPTS - 1 and by_place.keys() != said.keys()
        if scheduler is None:
            outcomes = _on_processes(folder, code, left, 1 if alone else workers)
        else:
            outcomes = _on_dask(folder, code, left, scheduler)
        for manifest, outcome, words in outcomes:
            if outcome == "full":
                raise OutputError(words)
            if outcome == "failed":
                said[manifest.place] = words
                continue
            del by_place[manifest.place]
            said.pop(manifest.place, None)
            result.computed += outcome == "done"
            result.withdrawn += outcome == "withdrawn"
            if outcome == "damaged":
                result.failed[manifest.place] = words
            on_night(len(waiting) - len(by_place), len(waiting))
    for place in by_place:
        result.failed[place] = said.get(place, "The process that analysed it was killed each time.")
    sweep(folder)
    return result


def _on_processes(folder: Folder, code: Code, waiting: list[Manifest], workers: int | None) -> Iterator[Done]:
    """In processes of this computer. If one is killed, what was under way is for the next attempt, and the
    rest goes on in new ones.
    """
    fresh = multiprocessing.get_context("spawn")
    size = workers or os.cpu_count() or 1
    # One waits for each that is at work, but one alone is alone.
    at_once = size if size == 1 else 2 * size
    left = deque(waiting)
    while left:
        with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
            yield from _until_killed(pool, folder, code, left, at_once)


def _until_killed(
    pool: ProcessPoolExecutor, folder: Folder, code: Code, left: deque[Manifest], at_once: int
) -> Iterator[Done]:
    """Take from `left` as much as is under way at once, until all is done or a process was killed."""
    under_way: dict[Future[tuple[Outcome, str]], Manifest] = {}
    killed = False
    while under_way or (left and not killed):
        try:
            while left and not killed and len(under_way) < at_once:
                manifest = left.popleft()
                under_way[pool.submit(analyse, folder.address(), code, manifest)] = manifest
        except BrokenProcessPool:
            killed = True
            continue
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            manifest = under_way.pop(future)
            try:
                yield manifest, *future.result()
            except BrokenProcessPool:
                killed = True


def _on_dask(folder: Folder, code: Code, waiting: list[Manifest], scheduler: str) -> Iterator[Done]:
    try:
        from distributed import Client
        from distributed import as_completed as on_dask_completed
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise MissingExtraError("The part that uses a Dask cluster is", "study") from error
    try:
        client = Client(scheduler, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as error:
        raise ConfigurationError(
            f"No scheduler answers at {scheduler}. Start `dask scheduler` there."
        ) from error
    with client:
        futures = {client.submit(analyse, folder.address(), code, one, pure=False): one for one in waiting}
        try:
            for future in on_dask_completed(futures):  # type: ignore[no-untyped-call]
                try:
                    yield futures[future], *future.result()
                except KilledWorker:
                    continue
        except (OSError, TimeoutError, TwitchwatchError) as error:
            raise _gone(scheduler) from error
        except Exception as error:
            # Dask raises CancelledError and several of its own when its scheduler is gone.
            if client.status != "running":
                raise _gone(scheduler) from error
            raise


def _gone(scheduler: str) -> ConfigurationError:
    return ConfigurationError(
        f"The scheduler at {scheduler} is gone. Results so far are kept: start it and run this again."
    )
