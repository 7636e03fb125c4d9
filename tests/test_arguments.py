"""What callers in Python pass is let through or refused by name and value."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import labbench
from labbench.api import Run
from labbench.arguments import checked
from labbench.errors import LabbenchError
from labbench.presets import Library, to_toml
from tests.opened import opened

ODD = (object(), b"demo", [], {}, ("a",), 2.5 + 1j)
TAKES_ANY = ("report", "on_status", "self")


@pytest.fixture
def run(labbench_home: Path) -> Run:
    opened({"convs": 2, "channels": 3, "kernel": 5})
    return labbench.open_run("last")


def public(run: Run) -> dict[str, Any]:
    names = [name for name in dir(Run) if not name.startswith("_")]
    methods = {name: getattr(run, name) for name in names if inspect.isfunction(getattr(Run, name))}
    return methods | {one.__name__: one for one in (labbench.load_preset, labbench.open_run)}


def test_every_parameter_of_what_is_public_is_checked(run: Run) -> None:
    met = 0
    for function in public(run).values():
        parameters = inspect.signature(function).parameters
        needed = {
            name: "low"
            for name, one in parameters.items()
            if one.default is one.empty and one.kind is not one.VAR_POSITIONAL
        }
        for name, one in parameters.items():
            for odd in () if name in TAKES_ANY else ODD:
                if one.annotation == "Sequence[str]" and odd in ([], ("a",)):
                    continue
                given = {**needed, name: odd}
                several = one.kind is one.VAR_POSITIONAL
                with pytest.raises(LabbenchError, match=f"^{name} = .* is not allowed. Allowed: "):
                    function(*[odd] if several else (), **({} if several else given))
                met += 1
    assert met > 150


def test_train_refuses_what_is_no_preset_and_no_list_of_changes(labbench_home: Path) -> None:
    with pytest.raises(LabbenchError, match=r"^preset = None .* Allowed: a preset or text or a pa"):
        labbench.train(None)  # type: ignore[arg-type]
    with pytest.raises(LabbenchError, match=r"^changes = 'training.epochs=1' .*a list of texts"):
        labbench.train("demo", "training.epochs=1")


def test_a_path_is_taken_wherever_a_path_is(run: Run, tmp_path: Path) -> None:
    preset = Library().get("demo")
    path = tmp_path / "mine.toml"
    path.write_text(to_toml(preset))
    assert labbench.load_preset(path) == labbench.load_preset(str(path))
    assert labbench.open_run(run.path).id == labbench.open_run(1).id == run.id


def test_a_number_is_no_truth_and_a_truth_no_number() -> None:
    @checked
    def taken(number: int = 0, share: float = 0.0, truth: bool = False) -> tuple[Any, ...]:
        return number, share, truth

    assert taken(1, 2, True) == (1, 2, True)
    for wrong in ({"number": True}, {"number": 1.5}, {"share": False}, {"truth": 1}):
        with pytest.raises(LabbenchError):
            taken(**wrong)  # type: ignore[arg-type]


def test_a_choice_is_one_of_its_texts(run: Run) -> None:
    for refused in (
        lambda: run.evidence("low", method=""),  # type: ignore[arg-type]
        lambda: run.map_clips("PCA"),  # type: ignore[arg-type]
        lambda: run.dead_channels("tests"),  # type: ignore[arg-type]
    ):
        with pytest.raises(LabbenchError, match=r"Allowed: .*(grad-cam|tsne|validation)"):
            refused()
