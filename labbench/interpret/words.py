"""Which class of a net a person means."""

from __future__ import annotations

from collections.abc import Sequence

from labbench.errors import RunError, nearest


def place_of(words: Sequence[str], word: str) -> int:
    """The place of a word among a run's classes.

    Raises:
        RunError: it is none of them.
    """
    if word in words:
        return list(words).index(word)
    hint = nearest(word, words) or f"There are: {', '.join(words)}."
    raise RunError(f"the run knows no word {word!r}.", where="word", hint=hint)
