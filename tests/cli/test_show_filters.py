"""`labbench show RUN filters`, as typed, and the same from Python."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import labbench
from labbench.cli.app import run_app
from labbench.errors import RunError
from tests.cli.test_show import refused, shown
from tests.opened import MODELS, opened


def test_every_format(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    opened()
    begins = {"ansi": b"0001-opened", "json": b"{", "csv": b"run,layer,filter,", "npz": b"PK",
              "svg": b"<svg", "png": b"\x89PNG"}  # fmt: skip
    for form, start in begins.items():
        assert run_app(["show", "1", "filters", "--format", form]) == 0
        out, err = capsysbinary.readouterr()
        assert out.startswith(start)
        assert err == b""


def test_options_reach_the_view(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    options = ["--layer", "conv2", "--sort", "gain", "--input", "3", "--folded", "-f", "json"]
    document = json.loads(shown(capsys, "1", "filters", *options))
    assert document["layer"] == "conv2"
    assert document["input"] == 3
    assert document["folded"] is True
    assert document["sort"] == "gain"
    gains = [one["gain_db"] for one in document["filters"]]
    assert gains == sorted(gains, reverse=True)
    assert {one["input"] for one in document["filters"]} == {3}
    assert "kernel of conv1:2" in shown(capsys, "1", "filters", "--channel", "2")


def test_two_runs_side_by_side(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    first, second = opened(MODELS["one-conv-tanh"]), opened(MODELS["base"])
    assert run_app(["show", "1", "filters", "--against", "2", "-f", "npz"]) == 0
    with np.load(io.BytesIO(capsysbinary.readouterr().out)) as arrays:
        for prefix, run in (("", first), ("against_", second)):
            net = labbench.open_run(run.path).net()
            weight = net.get_parameter("conv1.weight").detach().numpy()
            np.testing.assert_array_equal(arrays[f"{prefix}kernels"], weight)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--layer", "conv9"], 5, "there is no layer 'conv9'"),
        (["--channel", "4"], 5, "They are 0 to 3"),
        (["--input", "1"], 5, "no input channel 1"),
        (["--input", "all"], 2, "'all' is neither a number nor norm"),
        (["--input", "9" * 5000], 2, "is neither a number nor norm"),
        (["--sort", "loudness"], 2, "loudness"),
        (["--against", "7"], 5, "there is no run '7'"),
        (["--folded", "--layer", "conv1"], 5, "no batch norm"),
    ],
    ids=["layer", "channel", "input", "input-word", "long-input", "sort", "against", "folded"],
)
def test_refusals(
    capsys: pytest.CaptureFixture[str], options: list[str], code: int, said: str
) -> None:
    opened(MODELS["vgg"])
    assert said in refused(capsys, code, "1", "filters", *options)


def test_no_checkpoint(capsys: pytest.CaptureFixture[str]) -> None:
    run = opened()
    (run.checkpoints_path / "best.json").unlink()
    assert "there is no checkpoint yet" in refused(capsys, 5, "1", "filters")


def test_from_python() -> None:
    run = labbench.open_run(opened().path)
    bank = run.filters("conv2")
    weight = run.net().get_parameter("conv2.weight").detach().numpy()
    np.testing.assert_array_equal(bank.kernels_OIK, weight)
    assert run.filters("conv2", folded=True).folded
    with pytest.raises(RunError, match="no layer"):
        run.filters("conv5")


def test_loads_no_torch(tmp_path: Path) -> None:
    run = opened()
    code = (
        "import sys; from labbench.cli.app import run_app;"
        f"assert run_app(['show', {str(run.path)!r}, 'filters']) == 0;"
        "assert not {'torch', 'textual', 'scipy.signal'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
