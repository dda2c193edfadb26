"""The walls around a process: which files it may read, how much it may use, and no network. Linux only.

They are put up one after the other, each as far as the operating system lets us; `up` says which stand. All of them are
for ever, and for all that the process begins.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress

__all__ = ["CALLS", "DISK", "FILES", "NETWORK", "Walls", "shut_in"]

FILES, NETWORK, DISK, CALLS = "files", "network", "disk", "calls"
"""Landlock; a network of its own, with nothing in it; a folder of bounded size; seccomp."""
DISK_MB, FILE_MB, OPEN_FILES, THREADS = 64, 16, 64, 64

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000
PRIVATE = (1 << 18) | (1 << 14)
NO_TRICKS = 2 | 4 | 8
"""Of a mount: no set-user-ID, no devices, no programs."""
READ_FILE, READ_DIR, WRITE_FILE = 4, 8, 2
_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
"""All that Landlock can forbid, by its version."""
READABLE = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero"),
)
"""What Python itself needs, and nobody's secret."""

Walls = frozenset[str]


def _landlock(libc: ctypes.CDLL) -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    return max(0, int(libc.syscall(444, None, 0, 1)))


def shut_in(folder: str, readable: Sequence[str], *, seconds: int, memory: int) -> Walls:
    """Shut this process into `folder`, which it alone may write to; it may read what is below `readable`, too.

    `seconds` are of the processor, `memory` is in megabytes. Returns which walls stand; that of calls is put up by
    each process that is begun from here, with `filter_calls`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    up, tasks = set[str](), _tasks_of_user() + THREADS
    if _tried(libc, folder):
        up |= _own_namespaces(libc, folder)
    if _shut_files(libc, [*READABLE, *readable], folder):
        up.add(FILES)
    _without_rights(libc)
    _limited(seconds, memory, tasks)
    return frozenset(up)


def _tried(libc: ctypes.CDLL, folder: str) -> bool:
    """Whether own namespaces can be had: where that goes wrong half-way, it shall be another process's trouble."""
    if not (child := os.fork()):
        code = 1
        with suppress(OSError):
            code = 0 if DISK in _own_namespaces(libc, folder) else 1
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def _own_namespaces(libc: ctypes.CDLL, folder: str) -> set[str]:
    """A network without a way out, and a folder in memory: as root at once, as anybody else in a namespace of users."""
    user, group = os.getuid(), os.getgid()
    wanted = NEW_MOUNTS | NEW_NETWORK | NEW_IPC
    if libc.unshare(wanted) != 0:
        if libc.unshare(wanted | NEW_USER) != 0:
            return set()
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    up = {NETWORK}
    libc.mount(None, b"/", None, PRIVATE, None)
    room = f"size={DISK_MB}m,nr_inodes=4096,mode=700".encode()
    if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", NO_TRICKS, room) == 0:
        up.add(DISK)
    os.chdir(folder)
    return up


def _shut_files(libc: ctypes.CDLL, readable: Iterable[str], folder: str) -> bool:
    version = _landlock(libc)
    if not version:
        return False
    all_rights = _RIGHTS[min(version, 5)]
    attributes = struct.pack("QQQ", all_rights, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = libc.syscall(444, ctypes.create_string_buffer(attributes), len(attributes), 0)
    if rules < 0:
        return False
    allowed = [(path, READ_FILE | READ_DIR) for path in dict.fromkeys(readable)]
    allowed += [(folder, all_rights & ~1), ("/dev/null", READ_FILE | WRITE_FILE)]
    for path, rights in allowed:
        with suppress(OSError):
            _allow(libc, rules, path, rights)
    libc.prctl(38, 1, 0, 0, 0)
    done = libc.syscall(446, rules, 0) == 0
    os.close(rules)
    return bool(done)


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        of_files = rights if os.path.isdir(path) else rights & (READ_FILE | WRITE_FILE)
        libc.syscall(445, rules, 1, ctypes.create_string_buffer(struct.pack("=Qi", of_files, at)), 0)
    finally:
        os.close(at)


def _without_rights(libc: ctypes.CDLL) -> None:
    """Root is nobody in particular from now on."""
    head = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    libc.capset(head, ctypes.create_string_buffer(24))


def _limited(seconds: int, memory: int, tasks: int) -> None:
    size = memory * 1_000_000
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, size),
        (resource.RLIMIT_FSIZE, FILE_MB * 1_000_000),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, tasks),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Whoever ignores the signal of the soft limit on time is killed by the hard one.
        later = most + 1 if what == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else most
        resource.setrlimit(what, (most, later))


def _tasks_of_user() -> int:
    """Threads of this user, as the limit on them counts; what cannot be seen is not counted."""
    count, user = 0, os.getuid()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == user:
                count += len(os.listdir(f"/proc/{name}/task"))
    return count
