"""Whose inside is looked at, and at which part of it."""

from __future__ import annotations

from dataclasses import dataclass

from labbench.architecture import Plan
from labbench.errors import RunError
from labbench.interpret.clip import ClipRef
from labbench.presets import Preset
from labbench.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Subject:
    """A run, and what its net is made of."""

    run: RunFolder
    preset: Preset
    plan: Plan

    @classmethod
    def of(cls, run: RunFolder) -> Subject:
        """The subject of a run folder.

        Raises:
            RunError, PresetError: the folder is gone or damaged.
        """
        if not run.path.is_dir():
            raise RunError("its folder is gone.", where=run.id, hint="See 2 Runs.")
        preset = run.preset()
        return cls(run, preset, preset.plan)

    @property
    def words(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return tuple(self.preset.data.words)

    @property
    def layers(self) -> tuple[str, ...]:
        """The convolutions, in order."""
        return tuple(conv.name for conv in self.plan.convs)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at. All tabs share it: a layer chosen in one is the layer of the next."""

    layer: str
    """Name of a convolution: conv1, conv2, ..."""
    channel: int = 0
    """One of its output channels."""
    clip: ClipRef | None = None
    """A clip of the run's data set or a sound file; None: the tab's own first one."""
    word: str | None = None
    """A label; None: the tab's own first one."""
    pair: tuple[str, str] | None = None
    """Two labels that are confused; None: those confused most."""
