"""Runs of a table in every state, as the table's screens are tested on."""

from __future__ import annotations

from typing import Any

from labbench.presets import Library, published, settings_key
from labbench.runs import RunFolder
from tests.recorded import record
from tests.tui.conftest import NOW

TANH, INIT = "custom-ch64-tanh", "custom-ch64-relu-init"


def cell(name: str, **of: Any) -> RunFolder:
    """A recorded run that is a cell of the report, though it has few epochs."""
    key = settings_key(Library().get(name))
    return record(preset=name, settings=key, **{"created": NOW - 900, "ended": NOW - 600, **of})


def near(name: str, place: int) -> float:
    """An accuracy near the published one, nearer or farther by the place."""
    figure = published(Library().get(name).published)
    accuracy = figure.accuracy if figure and figure.accuracy is not None else 0.9
    return round(accuracy + ((place * 7) % 11 - 5) * 0.003, 4)


def filling() -> list[RunFolder]:
    """Some cells done, one twice, one live, queued, failed, lost and stopped each."""
    runs = []
    for place, row in enumerate("123456"):
        for column in ("do0.5", "bn"):
            name = f"{TANH}/{row}/{column}"
            runs.append(cell(name, test_accuracy=near(name, place + len(column)), epochs=1))
    name = f"{TANH}/6/bn"
    runs.append(cell(name, test_accuracy=near(name, 3), seed=1, epochs=1))
    live = {"state": "running", "epochs": 7, "device": "cuda:0", "ended": None}
    runs.append(cell(f"{TANH}/7/bn", **live))
    runs.append(cell(f"{TANH}/7/do0.5+bn", state="queued", epochs=0, ended=None))
    failed = {"message": "out of memory at epoch 4: 61 GB asked, 58 free.",
              "hint": "Try training.batch=32."}  # fmt: skip
    runs.append(cell(f"{TANH}/8/do0.5", state="failed", epochs=4, **failed))
    lost = {"message": "its worker ended without a message."}
    runs.append(cell(f"{TANH}/8/bn", state="lost", epochs=5, **lost))
    runs.append(cell(f"{TANH}/8/do0.5+bn", state="stopped", epochs=3))
    return runs


def done() -> list[RunFolder]:
    """Every cell of the table of two halves."""
    table = Library().table(INIT)
    names = [table.cell(row, column) for row in table.rows for column in table.columns]
    return [
        cell(name, test_accuracy=near(name, place), epochs=1) for place, name in enumerate(names)
    ]
