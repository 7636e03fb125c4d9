"""Words as people read them: in what order they stand, and which look alike.

Loads no numpy: front ends may call it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence


def natural(word: str) -> tuple[tuple[int, int, str], ...]:
    """The sort key that puts `2` before `10` and `digit2` before `digit10`; else signs count."""
    parts = re.findall(r"[0-9]+|[^0-9]+", word)
    numbers = (part.lstrip("0") if part[0] in "0123456789" else None for part in parts)
    key = [
        (1, 0, part) if number is None else (0, len(number), number)
        for part, number in zip(parts, numbers, strict=True)
    ]
    return (*key, (0, 0, word))


def look(word: str) -> str:
    """The same text for words that a reader can hardly tell apart."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def told_apart(words: Sequence[str]) -> str:
    """What tells words apart that look alike: `case` or `Unicode form`."""
    forms = {unicodedata.normalize("NFC", word) for word in words}
    return "case" if len(forms) == len(words) else "Unicode form"
