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


DIFFERENCES = [
]


def find(where, case):
    return next((one for one in DIFFERENCES if one.where == where and re.search(one.case, case)), None)
