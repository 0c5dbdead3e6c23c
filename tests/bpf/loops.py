#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Would kernel 6.1 take the loops of these objects? loops.py OBJDUMP OBJECT...

Its verifier knows a loop only by a jump at its end: where an instruction, or a call, falls through to one that the walk
from the function's start is still below, it refuses the program ("back-edge from insn"). Newer kernels take it, so that
only a look at the code, in the order of that walk, or the old kernel itself tells.
"""
import re
import subprocess
import sys


def functions(objdump, path):
    """{name: [(number, text)]}"""
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    found, name = {}, None
    for line in text.splitlines():
        label = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        instruction = re.match(r"\s+(\d+):\s+(.*)$", line)
        if label and not label.group(1).startswith("LBB"):
            name = label.group(1)
            found[name] = []
        elif instruction and name:
            found[name].append((int(instruction.group(1)), instruction.group(2)))
    return found


def ways_on(code, index, at):
    """[(where to, may it close a loop?)], in the verifier's order."""
    number, text = code[at]
    jump = re.search(r"goto ([+-](?:0x)?[0-9a-f]+)", text)
    if text.startswith("exit"):
        return []
    if not jump:
        return [(at + 1, False)]
    target = (index[number + 1 + int(jump.group(1), 0)], True)
    return [target] if text.startswith("goto") else [(at + 1, True), target]


def back_edges(code):
    index = {number: at for at, (number, _) in enumerate(code)}
    below, done, found = {0}, set(), []
    walk = [(0, iter(ways_on(code, index, 0)))]
    while walk:
        at, ways = walk[-1]
        for to, loops in ways:
            if to in below and not loops:
                found.append((code[at][0], code[to][0]))
            if to not in below and to not in done:
                below.add(to)
                walk.append((to, iter(ways_on(code, index, to))))
                break
        else:
            below.discard(at)
            done.add(at)
            walk.pop()
    return found


def main():
    objdump, *paths = sys.argv[1:]
    count = failed = 0
    for path in paths:
        for name, code in functions(objdump, path).items():
            count += 1
            for at, to in back_edges(code):
                print(f"{path}: {name}: instruction {at} falls through to {to}, the head of a loop: 6.1 refuses it")
                failed = 1
    if not count:
        sys.exit(f"no function in {paths}")
    print(f"{count} functions in {len(paths)} objects")
    sys.exit(failed)


if __name__ == "__main__":
    main()
