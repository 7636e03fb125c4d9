"""What is shown of text from anywhere: nothing that a terminal obeys, nothing unseen."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
import unicodedata

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from labbench import text

ANY = st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\u202e\u200b\ufeff\n\t\r'\\"))
"""Text of any letters, surrogates too."""
UNICODE = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x1b\x9b\u202e\\\"'"))


def _obeyed(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def test_every_sign_of_a_kind_that_is_not_seen_is_escaped() -> None:
    for code in range(sys.maxunicode + 1):
        if _obeyed(chr(code)):
            assert text.shown(chr(code)).isascii(), hex(code)


def test_letters_accents_and_emoji_stay() -> None:
    for words in ("Größe 12 µs", "音声", "e\u0301", "✔ ░▒▓ ⣿", "❤️", "[bold]x[/]", r"C:\new"):
        assert text.shown(words) == words


@given(ANY)
def test_shown_text_is_one_line_and_shows_itself_again(anything: str) -> None:
    said = text.shown(anything)
    assert not any(map(_obeyed, said))
    assert text.shown(said) == said
    assert len(said.splitlines()) <= 1


@given(ANY.filter(lambda one: "\\" not in one and "'" not in one))
def test_what_was_escaped_can_be_read_back(anything: str) -> None:
    assert ast.literal_eval(f"'{text.shown(anything)}'") == anything


@given(ANY)
def test_text_of_lines_keeps_its_lines(anything: str) -> None:
    said = text.shown_lines(anything)
    assert said.count("\n") == anything.count("\n")
    assert not any(_obeyed(sign) for sign in said if sign not in "\n\t")


@given(st.dictionaries(UNICODE, UNICODE))
def test_documents_keep_their_value(values: dict[str, str]) -> None:
    as_json = text.json_shown(json.dumps(values, ensure_ascii=False, indent=2))
    as_toml = text.toml_shown(tomli_w.dumps({"table": values}))
    assert json.loads(as_json) == values
    assert tomllib.loads(as_toml) == {"table": values}
    assert not any(_obeyed(sign) for sign in as_json + as_toml if sign not in "\n\t")


@pytest.mark.parametrize(
    "name",
    ["plain", "two words", "$(touch x)", "it's", "a\nb", "\x1b]52;c;eA==\x07", "\\\x1b'5",
     "\u202exyz.wav", "caf\udce9", "\x017"],
)  # fmt: skip
def test_a_quoted_word_is_the_same_word_to_a_shell(name: str) -> None:
    quoted = text.shell_quoted(name)
    assert not any(map(_obeyed, quoted))
    got = subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True)
    assert got.stdout == name.encode("utf-8", "surrogateescape")


def test_names_may_hold_joiners_where_a_script_needs_them() -> None:
    for name in ("café", "می\u200cخواهم", "क्\u200dष", "👨\u200d👩\u200d👧", "❤️\u200d🔥"):
        assert text.unseen_in(name) == ""
    for name, sign in (
        ("a\u200db", r"\u200d"), ("می\u200c\u200cخ", r"\u200c"), ("x\u202ey", r"\u202e"),
        ("a\tb", r"\t"), ("\x1b[31m", r"\x1b"), ("\x9b31m", r"\x9b"),
    ):  # fmt: skip
        assert text.unseen_in(name) == sign


def test_a_long_text_keeps_its_ends_and_says_how_much_is_left_out() -> None:
    assert text.shortened("x" * 1_000) == "x" * 1_000
    short = text.shortened(f"there is no {'x' * 100_000}: Mend it.", 300)
    assert short.startswith("there is no x")
    assert short.endswith("x: Mend it.")
    assert " ... [99,722 letters] ... " in short
    assert len(short) < 340
