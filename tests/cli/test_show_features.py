"""`labbench show RUN features`, as typed, and the same from Python."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import labbench
from labbench.cli.app import run_app
from tests.opened import MODELS, opened


def test_features_in_every_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    opened(MODELS["base"])
    words = ["show", "1", "features", "--layer", "2", "--pool", "max"]
    assert run_app([*words, "--classifiers", "lda,knn", "-f", "json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert [one["classifier"] for one in document["classifiers"]] == ["knn", "lda"]
    assert (document["layer"], document["pool"], document["features"]) == ("conv2", "max", 4)
    assert document["clips"]["train"] == {"used": 36, "of": 36}
    assert "loading the net" in err
    # All is kept by now: nothing is told, no process starts.
    assert run_app([*words, "--classifiers", "knn", "-f", "csv"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    [row] = csv.DictReader(io.StringIO(out))
    assert float(row["accuracy"]) == document["classifiers"][0]["accuracy"]
    probe = labbench.open_run("1").probe("knn", "conv2", "max")
    assert probe.accuracy == float(row["accuracy"])
    one = labbench.open_run("1").features("conv2", "max", split="validation")
    assert run_app([*words, "--classifiers", "none", "-f", "npz", "-o", str(tmp_path / "f")]) == 0
    arrays = np.load(tmp_path / "f", allow_pickle=False)
    np.testing.assert_array_equal(arrays["features_validation"], one.features_ND)
    names = ("features", "labels", "rows", "logits")
    parts = {f"{name}_{split}" for name in names for split in ("train", "validation", "test")}
    assert parts | {"words"} == set(arrays.files)


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--layer", "conv9"], "no layer 'conv9'"), (["--pool", "max"], "not pooled"),
     (["--classifiers", "svm"], "no classifier 'svm'"), (["--limit", "2"], "too few")],
    ids=["layer", "pool", "classifier", "limit"],
)  # fmt: skip
def test_what_cannot_be(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    opened()
    assert run_app(["show", "1", "features", *words]) == 5
    assert said in capsys.readouterr().err
