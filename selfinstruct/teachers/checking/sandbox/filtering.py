"""What the kernel is told to refuse (seccomp): a new process or program, sockets, signals to others, what could change
files beyond the walls. Threads, files in the own folder and arithmetic are what is left.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterator

__all__ = ["can_filter", "filter_calls"]

_TABLE = """
socket 41 198
fork 57 -
vfork 58 -
execve 59 221
execveat 322 281
setsid 112 157
setpgid 109 154
ptrace 101 117
process_vm_readv 310 270
process_vm_writev 311 271
process_madvise 440 440
kcmp 312 272
pidfd_open 434 434
pidfd_getfd 438 438
pidfd_send_signal 424 424
rt_sigqueueinfo 129 138
rt_tgsigqueueinfo 297 240
tkill 200 130
setpriority 141 140
sched_setaffinity 203 122
sched_setparam 142 118
sched_setscheduler 144 119
sched_setattr 314 274
ioprio_set 251 30
migrate_pages 256 238
move_pages 279 239
unshare 272 97
setns 308 268
mount 165 40
umount2 166 39
pivot_root 155 41
chroot 161 51
fsopen 430 430
fsconfig 431 431
fsmount 432 432
fspick 433 433
open_tree 428 428
move_mount 429 429
mount_setattr 442 442
open_by_handle_at 304 265
memfd_create 319 279
memfd_secret 447 447
shmget 29 194
shmctl 31 195
shmat 30 196
msgget 68 186
msgrcv 70 188
msgsnd 69 189
semget 64 190
semctl 66 191
semop 65 193
mq_open 240 180
io_uring_setup 425 425
io_uring_enter 426 426
io_uring_register 427 427
bpf 321 280
perf_event_open 298 241
userfaultfd 323 282
add_key 248 217
request_key 249 218
keyctl 250 219
kexec_load 246 104
kexec_file_load 320 294
init_module 175 105
finit_module 313 273
delete_module 176 106
reboot 169 142
swapon 167 224
swapoff 168 225
sethostname 170 161
setdomainname 171 162
acct 163 89
quotactl 179 60
personality 135 92
truncate 76 45
chmod 90 -
fchmod 91 52
fchmodat 268 53
fchmodat2 452 452
chown 92 -
fchown 93 55
lchown 94 -
fchownat 260 54
utime 132 -
utimes 235 -
futimesat 261 -
utimensat 280 88
setxattr 188 5
lsetxattr 189 6
fsetxattr 190 7
setxattrat 463 463
removexattr 197 14
lremovexattr 198 15
fremovexattr 199 16
removexattrat 466 466
"""
"""Refused whatever the arguments: a name for us, the number on x86-64, and on 64-bit ARM."""
_WRITING = """
creat 85 -
openat2 437 437
unlink 87 -
unlinkat 263 35
rename 82 -
renameat 264 38
renameat2 316 276
mkdir 83 -
mkdirat 258 34
rmdir 84 -
link 86 -
linkat 265 37
symlink 88 -
symlinkat 266 36
mknod 133 -
mknodat 259 33
"""
"""Refused as well where nothing else keeps the code from files that are not its own."""

CLONE, CLONE3 = (56, 220), 435
KILL, TGKILL, PRLIMIT = (62, 129), (234, 131), (302, 261)
OPEN, OPENAT = (2, None), (257, 56)
CLONE_THREAD = 0x10000
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column of the tables, and the kernel's own name of the machine."""
ALLOW, REFUSE, UNKNOWN, KILL_PROCESS = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
"""As a filter says it: refused is EPERM, unknown ENOSYS, after which C libraries try the older call."""
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, ARGUMENT = 0, 4, 16
"""Where these are in what a filter is shown."""


def can_filter() -> bool:
    """Whether we have a filter for this machine; the kernel may still refuse it."""
    return platform.machine() in _MACHINES and os.path.exists("/proc/sys/kernel/seccomp/actions_avail")


def filter_calls(libc: ctypes.CDLL, *, may_write: bool) -> bool:
    """From now on this process is refused all that is above; for ever. Whether the kernel did it."""
    if platform.machine() not in _MACHINES:
        return False
    program = b"".join(_program(*_MACHINES[platform.machine()], os.getpid(), may_write))
    code = ctypes.create_string_buffer(program)
    whole = struct.pack("HP", len(program) // 8, ctypes.addressof(code))
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    return bool(libc.prctl(22, 2, ctypes.create_string_buffer(whole), 0, 0) == 0)  # PR_SET_SECCOMP, by a filter


def _program(column: int, machine: int, own: int, may_write: bool) -> Iterator[bytes]:
    yield _step(LOAD, MACHINE)
    yield _step(EQUAL, machine, 1, 0)
    yield _step(RETURN, KILL_PROCESS)
    yield _step(LOAD, NUMBER)
    if column == 0:  # the numbers of x32, by which the same calls have other names
        yield _step(AT_LEAST, 0x40000000, 0, 1)
        yield _step(RETURN, REFUSE)
    for line in (_TABLE + ("" if may_write else _WRITING)).split("\n"):
        if line and (number := line.split()[1 + column]) != "-":
            yield from _returned(int(number), REFUSE)
    yield from _returned(CLONE3, UNKNOWN)
    yield from _judged(CLONE[column], 0, ANY_BIT, CLONE_THREAD, ALLOW, REFUSE)
    for call, value in ((KILL, own), (TGKILL, own), (PRLIMIT, 0)):
        yield from _judged(call[column], 0, EQUAL, value, ALLOW, REFUSE)
    if not may_write:
        for numbers, flags in ((OPEN, 1), (OPENAT, 2)):
            if (called := numbers[column]) is not None:
                yield from _judged(called, flags, ANY_BIT, FOR_WRITING, REFUSE, ALLOW)
    yield _step(RETURN, ALLOW)


def _returned(number: int, what: int) -> Iterator[bytes]:
    yield _step(EQUAL, number, 0, 1)
    yield _step(RETURN, what)


def _judged(number: int, argument: int, test: int, value: int, yes: int, no: int) -> Iterator[bytes]:
    """By the lower half of an argument."""
    yield _step(EQUAL, number, 0, 4)
    yield _step(LOAD, ARGUMENT + 8 * argument)
    yield _step(test, value, 0, 1)
    yield _step(RETURN, yes)
    yield _step(RETURN, no)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)
