#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program in the root of an unpacked image as a container runtime would run it in a pod, with no runtime.

    run_container.py [OPTION...] BUNDLE [PROGRAM [ARGUMENT...]]

BUNDLE is what umoci unpack makes: rootfs, and config.json with the user, environment and program of the image. The root is
read-only, mounts and processes are namespaces of their own, the network is the caller's. Signals are passed on; the exit
status is the program's.
"""

import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x4000000, 0x8000000, 0x20000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 8, 23, 24, 38, 47
PR_CAP_AMBIENT_RAISE = 2
NUMBERS = {"NET_ADMIN": 12, "NET_RAW": 13, "SYS_NICE": 23, "PERFMON": 38, "BPF": 39}
libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def set_up_mounts(root, volumes, writable):
    mount("--make-rprivate", "/")
    mount("--bind", root, root)
    mount("-t", "proc", "proc", f"{root}/proc")
    mount("--bind", "-o", "ro", f"{root}/proc/sys", f"{root}/proc/sys")
    mount("-o", "remount,bind,ro", f"{root}/proc/sys")
    mount("-t", "sysfs", "-o", "ro,nosuid,nodev,noexec", "sysfs", f"{root}/sys")
    mount("-t", "tmpfs", "-o", "mode=755", "dev", f"{root}/dev")
    for name in ("null", "zero", "random", "urandom"):
        open(f"{root}/dev/{name}", "w", encoding="ascii").close()
        mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    for volume in volumes:
        source, target, *mode = volume.split(":")
        if not os.path.isdir(source):
            os.makedirs(os.path.dirname(root + target), exist_ok=True)
            open(root + target, "a", encoding="ascii").close()
        else:
            os.makedirs(root + target, exist_ok=True)  # so do runtimes
        mount("--bind", source, root + target)
        if mode:
            mount("-o", f"remount,bind,{mode[0]}", root + target)
    if not writable:
        mount("-o", "remount,bind,ro", root)


class CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class CapData(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def become(user, options):
    """The user, whose capabilities are at most those of the options: ambient ones, or what its file has of them."""
    numbers = [NUMBERS[name] for name in options.capability]
    capability = 0
    while libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        if capability not in numbers:
            check(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "bounding set")
        capability += 1
    if options.ambient:
        check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep capabilities")
    os.setgroups([])
    os.setresgid(user["gid"], user["gid"], user["gid"])
    os.setresuid(user["uid"], user["uid"], user["uid"])
    if options.ambient:
        data = (CapData * 2)()
        for number in numbers:
            for field in ("effective", "permitted", "inheritable"):
                setattr(data[number // 32], field, getattr(data[number // 32], field) | 1 << number % 32)
        check(libc.capset(ctypes.byref(CapHeader(0x20080522, 0)), data), "capset")
        for number in numbers:
            check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0), "ambient capability")
    if options.no_new_privileges:
        check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def run(options, process):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    root = os.path.realpath(f"{options.bundle}/rootfs")
    set_up_mounts(root, options.volume, options.writable)
    os.chroot(root)
    os.chdir(process["cwd"])
    environment = dict(entry.split("=", 1) for entry in process["env"] + options.environment)
    become(process["user"], options)
    program = options.program or process["args"]
    try:
        os.execve(program[0], program, environment)
    except OSError as error:
        print(f"{program[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--capability", action="append", default=[], choices=sorted(NUMBERS))
    parser.add_argument("--ambient", action="store_true", help="as ambient capabilities")
    parser.add_argument("--no-new-privileges", action="store_true", help="allowPrivilegeEscalation: false")
    parser.add_argument("--volume", action="append", default=[], metavar="SOURCE:TARGET[:ro]")
    parser.add_argument("--environment", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--writable", action="store_true", help="the root, too")
    parser.add_argument("bundle")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with open(f"{options.bundle}/config.json", encoding="utf-8") as file:
        process = json.load(file)["process"]
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID), "unshare")
    child = os.fork()
    if child == 0:
        run(options, process)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, lambda number, frame: os.kill(child, number))
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


if __name__ == "__main__":
    main()
