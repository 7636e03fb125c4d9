"""`labbench show RUN maps`, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from labbench.cli.app import run_app
from tests.opened import opened


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_app(["show", "1", "maps", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_maps_in_every_format(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    opened()
    code, out, _ = typed(capsys, "--clip", "middle", "--layer", "2", "-f", "json", "--channel", "1")
    assert code == 0
    document = json.loads(out)
    assert (document["clip"], document["layer"], document["channel"]) == (
        "middle/test1.wav", "conv2", 1,
    )  # fmt: skip
    # The answer is kept: no analyst starts any more.
    given = ("--clip", "middle/test1.wav", "--layer", "conv2")
    code, out, err = typed(capsys, *given, "--before", "--at", "0.5", "--width", "100")
    assert (code, err) == (0, "")
    assert "before relu" in out
    assert "at 0.500 s" in out
    assert typed(capsys, *given, "-f", "csv", "--sort", "index")[1].splitlines()[1].startswith("0,")
    target = tmp_path / "maps.npz"
    assert typed(capsys, *given, "-f", "npz", "-o", str(target))[0] == 0
    arrays = np.load(target)
    np.testing.assert_allclose(arrays["after"][1], document["after"], atol=1e-6)
    code, _, err = typed(capsys, *given, "--channel", "7")
    assert code == 5
    assert "no channel 7" in err


def test_a_clip_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    code, out, err = typed(capsys, "--clip", "nobody")
    assert (code, out) == (4, "")
    assert "there is no clip 'nobody'" in err
