"""Running an analysis over every night: on this computer's processors, or on a Dask cluster.

A task writes its own result, so whatever is killed, the next run continues with what is lacking.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Literal

from twitchwatch.errors import ConfigurationError, MissingExtraError, OutputError, TwitchwatchError
from twitchwatch.study.code import Code
from twitchwatch.study.folder import Folder, open_folder
from twitchwatch.study.partitions import Manifest, PartitionError, checked, manifests
from twitchwatch.study.register import takes_part, taking_part
from twitchwatch.study.results import NightFiles, name_of, write_result
from twitchwatch.study.withdrawing import sweep

ATTEMPTS = 3

Outcome = Literal["done", "damaged", "withdrawn", "failed", "full"]
Done = tuple[Manifest, Outcome, str]


@dataclass(slots=True)
class Run:
    """What a run did: results computed now, those there already, and by place why one is lacking."""

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
    except OutputError as error:
        return "full", str(error)
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
    there = set(folder.names(f"results/{version}", ".json"))
    waiting = [one for one in found if name_of(version, one) not in there]
    result = Run(before=len(found) - len(waiting), failed=dict(wrong))
    by_place = {one.place: one for one in waiting}
    said: dict[str, str] = {}
    for _ in range(ATTEMPTS):
        if not by_place:
            break
        on_cluster = scheduler is not None
        doing = _on_dask if on_cluster else _on_processes
        for manifest, outcome, words in doing(folder, code, [*by_place.values()], scheduler, workers):
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


def _on_processes(
    folder: Folder, code: Code, waiting: list[Manifest], scheduler: str | None, workers: int | None
) -> Iterator[Done]:
    """In processes of this computer; if one is killed, the nights that are left are for the next attempt."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        futures = {pool.submit(analyse, folder.address(), code, one): one for one in waiting}
        yield from _outcomes(futures, as_completed(futures))


def _outcomes(
    futures: dict[Future[tuple[Outcome, str]], Manifest], done: Iterable[Future[tuple[Outcome, str]]]
) -> Iterator[Done]:
    for future in done:
        try:
            yield futures[future], *future.result()
        except BrokenProcessPool:
            continue


def _on_dask(
    folder: Folder, code: Code, waiting: list[Manifest], scheduler: str | None, workers: int | None
) -> Iterator[Done]:
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


def _gone(scheduler: str | None) -> ConfigurationError:
    return ConfigurationError(
        f"The scheduler at {scheduler} is gone. Results so far are kept: start it and run this again."
    )
