"""Files that are no clips of a data set: counted by kind, the first of each named."""

from __future__ import annotations

from collections import Counter

from labbench.audio.meta import Skipped

KEPT = 200
"""So many are kept by name."""
KEPT_OF_A_KIND = 10
"""So many of a kind are."""
KINDS = 100
"""Kinds that are told apart; what is left is one more."""
SHOWN = 3
"""Of a kind, in a line about it."""


def kind_of(reason: str) -> str:
    """The kind of a reason: what figures follow behind a colon do not make another."""
    return reason.partition(":")[0]


class LeftOut:
    """Files, and why each is no clip."""

    def __init__(self) -> None:
        self.named: list[Skipped] = []
        self.kinds: Counter[str] = Counter()

    def add(self, name: str, reason: str) -> None:
        """One more."""
        kind = kind_of(reason)
        if kind not in self.kinds and len(self.kinds) >= KINDS:
            kind = reason = "cannot be used for another reason"
        self.kinds[kind] += 1
        if len(self.named) < KEPT and self.kinds[kind] <= KEPT_OF_A_KIND:
            self.named.append(Skipped(name, reason))

    def lines(self) -> tuple[str, ...]:
        """A line a kind: how many, and the first by name."""
        found = []
        for kind, count in self.kinds.most_common():
            names = [one.name for one in self.named if kind_of(one.reason) == kind][:SHOWN]
            more = ", ..." if count > len(names) else ""
            found.append(f"{count:,} {kind} ({', '.join(names)}{more})")
        return tuple(found)
