"""Whether others on this computer can read the files with records and keys, or put others in their place."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from twitchwatch.service.checks import Check, Health, well

# In /proc/self/mountinfo (proc(5)). The index of SQLite's log is shared memory, which no two computers have
# (sqlite.org/wal.html), and many of these systems keep no locks.
NETWORK = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "glusterfs", "lustre", "fuse.sshfs",
     "fuse.glusterfs", "fuse.rclone", "davfs", "fuse.davfs2")
)  # fmt: skip
_MOUNTS = Path("/proc/self/mountinfo")


def check_files(database: Path, log: Path) -> Iterator[Check]:
    """Check the files next to the database and the log, their folders and all folders above. POSIX only."""
    mounts = _MOUNTS.read_text("utf-8", "replace") if _MOUNTS.exists() else ""
    user = os.getuid()
    yield from check_modes(database, log, user)
    ours = [*secrets_of(database), *files_of(database, log)]
    for folder in dict.fromkeys(path.absolute().parent for path in (database, log, *ours)):
        if folder.is_dir():
            yield from check_folder(folder, ours, user)
    if database.parent.is_dir() and (kind := network_of(database.resolve(), mounts)):
        yield Check(
            "Folder",
            Health.WARNING,
            f"{database.parent} is on a network file system ({kind}), where SQLite may lose what it writes",
            "Stop the daemon, and move the files to a local disk (`df --local` lists them). Give the new "
            "path with --database.",
        )


def secrets_of(database: Path) -> list[Path]:
    """The files with keys and passwords."""
    return [
        path
        for path in (database.with_name("keys.json"), database.with_name("alerts.toml"))
        if _is_file(path)
    ]


def files_of(database: Path, log: Path) -> list[Path]:
    """All other files of the program: the database and the files next to it, its backups, the log."""
    found = [
        *sorted(database.parent.glob(f"{_literal(database.name)}*")),
        database.with_name("host-id"),
        *sorted(database.with_name("backups").glob("*")),
        *sorted(log.parent.glob(f"{_literal(log.name)}*")),
    ]
    return [path for path in found if _is_file(path)]


def check_modes(database: Path, log: Path, user: int) -> Iterator[Check]:
    """Who owns the files, and who may read them; user: the number of this user."""
    secret, private = secrets_of(database), files_of(database, log)
    foreign = [path for path in (*secret, *private) if path.stat().st_uid != user]
    if foreign:
        yield Check(
            "Files",
            Health.WARNING,
            f"{_names(foreign)}: owned by someone else",
            f'`sudo chown "$USER" {_words(foreign)}`',
        )
    open_secrets = [path for path in secret if _is_open(path)]
    if open_secrets:
        yield Check(
            "Secrets",
            Health.BAD,
            f"other users may read {_names(open_secrets)}, which has keys or passwords",
            f"`chmod 600 {_words(open_secrets)}`, then replace what may have been read: keys with "
            "`twitchwatch sensors rekey`, passwords at their service.",
        )
    # The database has a check of its own.
    open_files = [path for path in private if _is_open(path) and path != database]
    if open_files:
        yield Check(
            "Files",
            Health.WARNING,
            f"other users may read {_names(open_files)}",
            f"`chmod 600 {_words(open_files)}`",
        )
    if not (foreign or open_secrets or open_files):
        yield well("Files", f"{len(secret) + len(private)} with the database and log, private to you")


def check_folder(folder: Path, files: list[Path], user: int) -> Iterator[Check]:
    """Who may replace these files in their folder, or a folder above. user: see check_modes."""
    there = folder.stat()
    sudo = "" if there.st_uid == user else "sudo "
    if there.st_mode & stat.S_ISVTX and there.st_mode & stat.S_IWOTH:
        own = _words([folder / "twitchwatch"])
        here = _words([path for path in files if path.absolute().parent == folder])
        yield Check(
            "Folder",
            Health.WARNING,
            f"{folder} is shared: others may put files there",
            f"Stop the daemon, then `mkdir -m 700 {own} && mv {here} {own}`, and give the new path with "
            "--database and --log.",
        )
    elif there.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Check(
            "Folder",
            Health.BAD,
            f"others may replace the files in {folder}",
            f"`{sudo}chmod go-w {_words([folder])}`",
        )
    elif there.st_uid != user:
        yield Check(
            "Folder",
            Health.WARNING,
            f"{folder} is owned by someone else",
            f'`sudo chown "$USER" {_words([folder])}`',
        )
    for above in folder.parents:
        mode = above.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            sudo = "" if above.stat().st_uid == user else "sudo "
            yield Check(
                "Folder",
                Health.BAD,
                f"others may replace the folders in {above}",
                f"`{sudo}chmod o-w {_words([above])}`",
            )


def network_of(path: Path, mounts: str) -> str:
    """The kind of network file system that holds this path, from a mountinfo; empty if it is on none."""
    longest, kind = "", ""
    for line in mounts.splitlines():
        fields, _, source = line.partition(" - ")
        point = _unescaped(fields.split()[4]) if len(fields.split()) > 4 else ""
        if point and len(point) >= len(longest) and path.is_relative_to(point):
            longest, kind = point, source.split()[0] if source else ""
    return kind if kind in NETWORK else ""


def _unescaped(point: str) -> str:
    # Space, tab, newline and backslash are octal (proc(5)).
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, char)
    return point


def _literal(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def _names(paths: list[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _words(paths: list[Path]) -> str:
    return " ".join(shlex.quote(str(path.absolute())) for path in paths)
