r"""Text that came from anywhere, made fit to be shown.

A file's name, a tag or a message may hold signs that a terminal obeys, that turn the text around,
or that nobody sees. Data keep them; whoever shows or writes text for people writes them as escapes:
`\x1b`, `\u202e`. This module loads nothing of ours and nothing slow.
"""

from __future__ import annotations

import re

# C0 but for tab and line end, DEL, C1; what Unicode calls format (direction, no width, tags),
# surrogates, line and paragraph separators; letters without ink; code points that are no character,
# nor allowed in XML.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
UNSEEN = re.compile(f"[\t\n{_UNSEEN}]")
"""One sign that is not shown as it is."""

_UNSEEN_IN_LINES = re.compile(f"[{_UNSEEN}]")

_JOINED = r"\u0600-\u109f\u1700-\u18af\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER = re.compile(rf"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])")
"""Between letters of scripts that need joiners (Persian, Hindi, ...), and in emoji."""

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def shown(text: str) -> str:
    """One line of text: control, direction and unseen signs as escapes, line ends and tabs too."""
    if text.isascii() and text.isprintable():
        return text
    return UNSEEN.sub(_escape, text)


def shown_lines(text: str) -> str:
    """Text of many lines as `shown` does it; line ends and tabs stay."""
    return _UNSEEN_IN_LINES.sub(_escape, text)


MOST_SAID = 1_000
"""Letters of a sentence about something: a file's whole path is shorter, and so is a screen."""


def shortened(text: str, most: int = MOST_SAID) -> str:
    """A text without its middle where it is long, with how much is left out."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    return f"{text[:head]} ... [{len(text) - head - tail:,} letters] ... {text[-tail:]}"


def json_shown(document: str) -> str:
    r"""A JSON document of the same value that is safe to look at: `\u202e` within its strings."""
    return _UNSEEN_IN_LINES.sub(lambda match: _by_units(match[0]), document)


def toml_shown(document: str) -> str:
    """A TOML document without literal strings, of the same value and safe to look at."""
    return _UNSEEN_IN_LINES.sub(lambda match: _by_code(match[0]), document)


def shell_quoted(word: str) -> str:
    """A word of a command line, safe to look at and to paste into bash, ksh or zsh."""
    import shlex

    if not UNSEEN.search(word):
        return shlex.quote(word)
    quoted = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{UNSEEN.sub(_by_bytes, quoted)}'"


def unseen_in(name: str) -> str:
    """The first sign that no name may hold, as it is shown; "" where there is none.

    Joiners may stand where a script or an emoji needs them.
    """
    found = UNSEEN.search(_JOINER.sub("", name))
    return shown(found[0]) if found else ""


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    return _SHORT.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 0x100 else _by_code(sign))


def _by_code(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _by_units(sign: str) -> str:
    """As JSON escapes it: two escapes for one beyond 16 bits."""
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _by_bytes(match: re.Match[str]) -> str:
    """As `$'...'` takes it; a surrogate of a file's name stands for a byte that is no UTF-8."""
    sign = match[0]
    byte = "\udc80" <= sign <= "\udcff"
    encoded = sign.encode("utf-8", "surrogateescape" if byte else "surrogatepass")
    return "".join(f"\\{one:03o}" for one in encoded)
