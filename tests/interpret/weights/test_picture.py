"""The view of weights: it fits, marks a layer, and is written in every form."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from labbench.cli.app import run_app
from labbench.draw.export import json_text, npz
from labbench.interpret.weights.answer import Weights, figures
from labbench.interpret.weights.options import WeightsOptions
from labbench.interpret.weights.picture import FIELDS, WeightsView
from tests.draw.drawing import lines
from tests.opened import opened


def view(**options: str) -> WeightsView:
    rng = np.random.default_rng(0)
    layers = []
    for name in ("conv1", "conv2", "dense1"):
        start = rng.normal(0, 0.1, (8, 4, 3)).astype(np.float32)
        layers.append(figures(name, start + rng.normal(0, 0.05, start.shape), start))
    made = WeightsView("0001-net", False, WeightsOptions(), Weights(7, tuple(layers)), layers[0])
    return made.having(WeightsOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("of", ["weights", "moved"])
@pytest.mark.parametrize(("width", "height"), [(40, 12), (78, 20), (138, 40)])
def test_fits(of: str, width: int, height: int) -> None:
    drawn = lines(view(of=of, layer="dense1"), width, height)
    assert len(drawn) <= height
    assert max(map(len, drawn)) <= width
    assert "▸ dense1" in "\n".join(drawn)


def test_the_marked_layer_is_counted() -> None:
    one = view().moved(1)
    assert one.layer.name == one.options.layer == "conv2"
    assert view().moved(9).layer.name == "dense1"
    assert "conv2: weights a bin, now (thick) and at the start" in "\n".join(lines(one, 100))
    chosen = one.clicked(3, 3, 100, 30)
    assert chosen is not None
    assert chosen.layer.name == "dense1"


def test_what_programs_read() -> None:
    one = view()
    document = json.loads(json_text(one.as_json()))
    rows = list(csv.DictReader(io.StringIO(one.as_csv())))
    arrays = np.load(io.BytesIO(npz(one)))
    for place, layer in enumerate(one.weights.layers):
        assert document["layers"][place]["norm"] == float(rows[place]["norm"]) == layer.norm
        assert document["layers"][place]["now"] == arrays[f"{layer.name}.now"].tolist()
    assert tuple(rows[0]) == FIELDS
    assert arrays["moved"].tolist() == [layer.moved for layer in one.weights.layers]


def test_as_typed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    opened()
    assert run_app(["show", "1", "weights", "--layer", "2", "--of", "moved", "--width", "100"]) == 0
    out = capsys.readouterr().out
    assert "conv2: weights a bin by how far each moved" in out
    target = tmp_path / "weights.svg"
    assert run_app(["show", "1", "weights", "-f", "svg", "-o", str(target)]) == 0
    assert target.read_text().startswith("<svg")
    assert run_app(["show", "1", "weights", "--layer", "conv9"]) == 5
