"""Which module imports which, whether when it is loaded, later or for types alone."""

from __future__ import annotations

import graphlib

import grimp
import pytest

SCREENS = "labbench.tui"


def imports() -> dict[str, set[str]]:
    """Module -> those of ours that it imports."""
    graph = grimp.build_graph("labbench", cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def test_no_module_outside_the_screens_is_imported_by_what_it_imports() -> None:
    """Of a package and its own modules, too, of which the contracts say nothing."""
    below = {
        name: found for name, found in imports().items()
        if not f"{name}.".startswith(f"{SCREENS}.")
    }  # fmt: skip
    assert len(below) > 200
    graphlib.TopologicalSorter(below).prepare()


def test_a_circle_is_found() -> None:
    circle = {"a": {"a.b"}, "a.b": {"a"}}
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(circle).prepare()
