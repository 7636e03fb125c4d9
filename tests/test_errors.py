"""Errors a person meets: what, where, hint, and an exit code of its own each."""

from __future__ import annotations

import pytest

from labbench import errors
from labbench.errors import LabbenchError, nearest


def kinds(kind: type[LabbenchError] = LabbenchError) -> list[type[LabbenchError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in kinds(below))]


@pytest.mark.parametrize(
    ("where", "hint", "text"),
    [
        ("", "", "It broke."),
        ("x.toml", "", "x.toml: It broke."),
        ("", "Mend it.", "It broke. Mend it."),
        ("x.toml", "Mend it.", "x.toml: It broke. Mend it."),
    ],
)
def test_text(where: str, hint: str, text: str) -> None:
    error = LabbenchError("It broke.", where=where, hint=hint)
    assert str(error) == text
    assert (error.what, error.where, error.hint) == ("It broke.", where, hint)


def test_every_kind_has_an_exit_code_of_its_own_but_a_full_disk() -> None:
    codes = {
        kind.__name__: kind.exit_code for kind in kinds() if kind.__module__ == errors.__name__
    }
    assert codes == {
        "LabbenchError": 1, "TerminalError": 2, "PresetError": 3, "DataError": 4, "RunError": 5,
        "DiskFullError": 5, "BusyError": 6, "TrainingError": 7, "DeviceError": 8, "MissedError": 9,
    }  # fmt: skip
    assert errors.STOPPED_EXIT_CODE not in codes.values()
    assert 0 not in codes.values()


def test_a_busy_run_is_a_run_error() -> None:
    with pytest.raises(errors.RunError):
        raise errors.BusyError("busy")


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("modle", ["data", "model"], "Did you mean 'model'?"),
        ("zzz", ["data", "model"], "Allowed: data, model."),
        ("zzz", [], ""),
        ("model", ("model",), "Did you mean 'model'?"),
    ],
)
def test_nearest(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint
    assert nearest(word, iter(known)) == hint


TOLD_BY_NONE = (errors.TerminalError, errors.DiskFullError)
"""Met by a process that has a terminal; met by one of ours, and another's is a `RunError`."""


@pytest.mark.parametrize(
    "kind",
    [one for one in kinds() if one.__module__ == errors.__name__ and one not in TOLD_BY_NONE],
)
def test_an_error_of_another_process_is_the_kind_it_was(kind: type[LabbenchError]) -> None:
    told = kind("It broke.", where="x", hint="Mend it.")
    found = errors.error_of(told.exit_code, told.what, where=told.where, hint=told.hint)
    assert type(found) is kind
    assert str(found) == str(told)


def test_a_long_value_is_not_repeated_whole() -> None:
    error = LabbenchError(f"no {'x' * 10**6}\x1b.", where="y" * 10**6, hint="z" * 10**6)
    assert len(str(error)) < 4_000
    assert error.what.endswith("x\\x1b.")
    assert "999,001 letters" in error.hint


def test_a_hint_does_not_list_hundreds_of_names() -> None:
    assert nearest("x", [f"name{i}" for i in range(300)]) == (
        "There are 300, such as name0, name1, name2."
    )
