# SPDX-License-Identifier: Apache-2.0
"""Where Sluice judges otherwise than nftables on purpose."""
import re
from dataclasses import dataclass


@dataclass
class Difference:
    """Of the cases of a set whose name matches."""
    where: str  # the set
    case: str  # a regular expression
    verdict: str  # Sluice's
    why: str

    @property
    def key(self):
        return self.where, self.case


EARLY = "Sluice holds no fragments back: without its first one the ports of a later one are unknown (`unclassified`)"
DIFFERENCES = [
    Difference(f"fragments, IPv{family}", rf"^allowed in order \({order}\)", parts, EARLY)
    for family in (4, 6)
    for order, parts in (("1, 0, 2", "parts 0 2"), ("1, 2, 0", "parts 0"), ("2, 0, 1", "parts 0 1"), ("2, 1, 0", "parts 0"))
]


def find(where, case):
    return next((one for one in DIFFERENCES if one.where == where and re.search(one.case, case)), None)
