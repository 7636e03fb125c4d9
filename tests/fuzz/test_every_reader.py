"""Whatever reads a file in the package is in the list of readers that are fed damaged files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.readers import READERS

PACKAGE = Path(__file__).parents[2] / "labbench"
READS = {"read_text", "read_bytes", "safe_open", "file_digest"}
"""Functions that read a file, whatever they belong to."""
READS_OF = {("paths", "read"), ("paths", "opened"), ("paths", "plain"), ("np", "load")}
"""The same, of one module."""


def _calls(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Every call, and the function or method that it is in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _calls(node, f"{inside}.{node.name}".lstrip("."))
            continue
        if isinstance(node, ast.Call):
            yield inside, node
        yield from _calls(node, inside)


def _reads(call: ast.Call) -> bool:
    called = call.func
    if isinstance(called, ast.Name):
        return called.id in READS
    if not isinstance(called, ast.Attribute):
        return False
    of = called.value.id if isinstance(called.value, ast.Name) else ""
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    opens = called.attr == "open" and str(first).startswith("r")
    return called.attr in READS or (of, called.attr) in READS_OF or opens


def found() -> set[str]:
    return {
        f"{path.relative_to(PACKAGE).with_suffix('')}:{inside}"
        for path in PACKAGE.rglob("*.py")
        for inside, call in _calls(ast.parse(path.read_text(encoding="utf-8")))
        if _reads(call)
    }


COMMANDS = "test_commands"
"""Read by the commands that `tests/fuzz/test_commands.py` runs over damaged homes."""
INSTALLED = "installed"
"""Of the installation or the system: who can write these can write labbench itself."""
BYTES = "bytes"
"""Copied, hashed or shown as they are: no content is odd."""

READ_BY = {
    "audio/archives:of_tar": "a.tar",
    "audio/clips:_load": "clips.npy",
    "audio/fetch:_marks": BYTES,  # what does not match a mark is none: tests/audio/test_fetch.py
    "audio/fetch:_verify": BYTES,
    "audio/findings:read_check": "check.json",
    "audio/sources:_read": "a.wav",
    "audio/jobs:read": "job",
    "audio/meta:read_meta": "meta.json",
    "distribution:_direct_url": INSTALLED,
    "distribution:_extras_of": INSTALLED,
    "distribution:_made_by_uv": INSTALLED,
    "doctor/runs:_missing_checkpoint": COMMANDS,
    "doctor/runs:torn_bytes": COMMANDS,
    "outputs:_write_over": BYTES,
    "presets/declare:read_file": "a.toml",
    "report/page:_document": INSTALLED,
    "interpret/clip:of_file": BYTES,
    "runs/about:read": "run.json",
    "runs/analyses:load": "DeadQuestion",
    "runs/log:Course.read": "events.jsonl",
    "runs/log:last_epoch": "events.jsonl",
    "runs/flaws:_attempts": COMMANDS,
    "runs/flaws:_uses_gelu": COMMANDS,
    "runs/root:_next_number": ".counter",
    "runs/launch:_umask": INSTALLED,
    "runs/log:Tail.read": "events.jsonl",
    "runs/machine:boot_id": INSTALLED,
    "runs/machine:process_started": INSTALLED,
    "runs/notes:read": "notes.json",
    "runs/predictions:read": "predictions/test.safetensors",
    "runs/status:read": "status.json",
    "runs/tickets:mark_of": BYTES,
    "runs/weights:_digest": BYTES,
    "runs/weights:checkpoint": "checkpoints/best.json",
    "runs/weights:read": "best weights",
    "training/checkpoints:Checkpoints.load": "best weights",
    "training/checkpoints:Checkpoints.load_best": "checkpoints/best.json",
    "training/checkpoints:Checkpoints.load_last": "checkpoints/last.json",
    "training/engine/native:_torn": INSTALLED,
    "tui/settings:_tree": "settings.toml",
    "views/log:console_of": BYTES,
    "tables/pace:_kept": "pace",
    "scheduler/devices:_from_file": "slots",
}  # fmt: skip
"""What reads a file -> the reader in `tests/fuzz/readers.py` that feeds it, or why none does."""


def test_every_reader_is_fed_damaged_files() -> None:
    """One that is missing here: add it to `READERS` and name it here."""
    assert found() == READ_BY.keys()
    named = {reader.name for reader in READERS} | {COMMANDS, INSTALLED, BYTES}
    assert set(READ_BY.values()) <= named
