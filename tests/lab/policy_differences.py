# SPDX-License-Identifier: Apache-2.0
"""Where Sluice judges otherwise than nftables on purpose."""
import re
from dataclasses import dataclass


@dataclass
class Difference:
    """Of the cases whose set and name match these regular expressions."""
    where: str
    case: str
    verdict: str  # Sluice's
    why: str

    @property
    def key(self):
        return self.where, self.case


EARLY = "Sluice holds no fragments back: without its first one the ports of a later one are unknown (`unclassified`)"
BESIDE = "a reset beside the window ends nothing and is INVALID; conntrack that is liberal about windows lets it pass"
ANEW = "a SYN behind a reset begins a connection at once; conntrack answers for the old one first"
BOTH = "TIME_WAIT begins with the second FIN, not with what acknowledges it: a lost ACK holds no entry for long"
REFUSED = "what was refused stays in the list as closed until it ages; conntrack forgets it at once"
CROSSED = "of a simultaneous open the second SYN-ACK is the acknowledgement of the first (RFC 9293 3.5, figure 7)"
PICKED = "what is picked up is new until the other end has sent something, too, and may be a FIN"
DIFFERENCES = [
    Difference(rf"^fragments, IPv{family}", rf"^allowed in order \({order}\)", parts, EARLY)
    for family in (4, 6)
    for order, parts in (("1, 0, 2", "parts 0 2"), ("1, 2, 0", "parts 0"), ("2, 0, 1", "parts 0 1"), ("2, 1, 0", "parts 0"))
] + [
    Difference("^tcp over IPv.$", "^reset out of window, step 4$", "invalid", BESIDE),
    Difference("^firewall.*, protocol 6$", "^reset out of window, step 4$", "lost", BESIDE),
    Difference("^tcp over IPv.$", "^reopened after a reset, step 5$", "new", ANEW),
    Difference("^tcp over IPv.$", "^reopened after a reset, after step 5$", "syn_sent", ANEW),
    Difference("^tcp over IPv.$", "^(closed by the (client|server)|reopened after its end), after step 6$", "time_wait", BOTH),
    Difference("^tcp over IPv.$", "^(closed by both at once|three-packet close), after step 5$", "time_wait", BOTH),
    Difference("^tcp over IPv.$", "^half closed, after step 8$", "time_wait", BOTH),
    Difference("^tcp over IPv.$", "^refused, after step 2$", "closed", REFUSED),
    Difference("^tcp over IPv.$", "^simultaneous open, after step 4$", "established", CROSSED),
    Difference("^tcp over IPv4, pickup$", "^FIN alone, (step|after step) 1$", "new", PICKED),
    Difference("^tcp over IPv4, pickup$", "^((ACK|data) alone, after step 1|SYN-ACK alone, after step 2)$", "new", PICKED),
]


def find(where, case):
    return next((one for one in DIFFERENCES if re.search(one.where, where) and re.search(one.case, case)), None)
