"""Which kernels are taken, and that they write what is theirs and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from labbench.architecture import Model
from labbench.errors import LabbenchError
from labbench.training.engine import Engine, native
from tests.training import compiled
from tests.training.reference import make_clips, make_net


class Processor:
    """A library on a processor that has these instruction sets."""

    def __init__(self, **panels: int) -> None:
        self._panels = panels

    def labbench_panel(self, variant: bytes) -> int:
        return self._panels.get(variant.decode(), 0)

    def __getattr__(self, name: str) -> object:
        return type("Function", (), {})()


NEW, OLD, NONE = Processor(avx512=32, avx2=16), Processor(avx2=16), Processor()


@pytest.mark.parametrize(
    ("wanted", "library", "found"),
    [
        ("", NEW, "avx512"),
        ("", OLD, "avx2"),
        ("", NONE, "torch"),
        ("", None, "torch"),
        ("avx2", NEW, "avx2"),
        ("torch", NEW, "torch"),
        ("torch", None, "torch"),
    ],
)
def test_the_fastest_or_the_forced(wanted: str, library: Processor | None, found: str) -> None:
    assert native.name_of(native.choose(wanted, library)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(("wanted", "library"), [("avx512", OLD), ("avx2", None), ("sse", NEW)])
def test_what_is_not_to_be_had_is_told(wanted: str, library: Processor | None) -> None:
    with pytest.raises(LabbenchError, match=f"LABBENCH_KERNELS is '{wanted}'.*avx512, avx2 or"):
        native.choose(wanted, library)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kept", "here", "found"),
    [
        ("", NEW, "avx512"),
        ("avx2", NEW, "avx2"),
        ("torch", NEW, "torch"),
        ("avx512", OLD, "avx2"),
        ("avx512", None, "torch"),
        ("neon", NEW, "avx512"),
    ],
)
def test_a_run_goes_on_with_what_it_began_with_if_it_can(
    kept: str, here: Processor | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(native.CHOICE, raising=False)
    monkeypatch.setattr(native, "load", lambda path: here)
    assert native.name_of(native.kernels(kept)) == found
    monkeypatch.setenv(native.CHOICE, "torch")
    assert native.kernels(kept) is None


def test_no_library_or_another_ones_is_none(tmp_path: Path) -> None:
    assert native.load(tmp_path / "none.so") is None
    (tmp_path / "text.so").write_text("not a library")
    assert native.load(tmp_path / "text.so") is None


@pytest.mark.skipif(sys.platform != "linux", reason="the header is that of ELF")
def test_half_a_library_is_none(tmp_path: Path) -> None:
    whole = Path(compiled.library()._name).read_bytes()
    for left in (0, 10, 64, 1000, len(whole) // 2, len(whole) - 1):
        (tmp_path / f"{left}.so").write_bytes(whole[:left])
    # In a process of its own, which the loader of libraries may end.
    script = """
import sys
from pathlib import Path
from labbench.training.engine.native import load
assert not any(load(path) for path in Path(sys.argv[1]).iterdir())
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_library_of_another_version_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    path = compiled.library()._name
    assert native.load(Path(path))
    monkeypatch.setattr(native, "ABI", native.ABI + 1)
    assert native.load(Path(path)) is None


@pytest.mark.parametrize("variant", native.VARIANTS)
def test_the_same_step_has_the_same_bits(
    variant: native.Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    using = compiled.kernels(variant)
    monkeypatch.setattr(native, "kernels", lambda kept: using)
    found = []
    for _ in range(2):
        net = make_net(Model(convs=4, channels=5, kernel=5, batch_norm=True), 90).float()
        clips_BT, labels_B = make_clips(5, 90)
        engine = Engine(net, torch.device("cpu"))
        assert engine.products == variant
        engine.train_step(clips_BT.float(), labels_B, generator=torch.Generator().manual_seed(3))
        found.append([p.grad.clone() for p in net.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_without_a_compiler_nothing_is_compiled_and_why_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = compiled.build_module()
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "no C++ compiler is there" in build.compile_library(tmp_path / "kernels.so")
    monkeypatch.setenv("CXX", "false")
    assert build.compile_library(tmp_path / "kernels.so") == "false: exit code 1"
    monkeypatch.delenv("CXX")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no C++ compiler is there" in build.compile_library(tmp_path / "kernels.so")
    assert not list(tmp_path.iterdir())
