"""What a tab knows: whose inside is looked at, at which part of it, and the screen it is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labbench.architecture import Plan
from labbench.errors import RunError
from labbench.interpret.clip import ClipRef
from labbench.presets import Preset
from labbench.runs import RunFolder
from labbench.tui.screen import BenchScreen

if TYPE_CHECKING:
    from labbench.worker.analyst import Analyst


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


class Frame(BenchScreen[None]):
    """The inside of one run's net, as its tabs see it; `screen.InsideScreen` is one."""

    subject: Subject | None = None
    """The run, once its preset was read."""

    def __init__(self, run_id: str, chosen: Chosen) -> None:
        super().__init__()
        self.run_id = run_id
        self.chosen = chosen
        """What is looked at."""

    @property
    def run_folder(self) -> RunFolder:
        """The run on disk."""
        return RunFolder(self.bench.root / self.run_id)

    @property
    def layers(self) -> tuple[str, ...]:
        """The net's convolutions, in order."""
        return self.subject.layers if self.subject else ()

    @property
    def analyst(self) -> Analyst:
        """Answers questions about the net; its process starts with the first one."""
        raise NotImplementedError

    def choose(self, **changes: Any) -> None:
        """Choose another layer, channel, clip or word, for all tabs."""
        raise NotImplementedError

    def open_tab(self, kind: type[Any]) -> None:
        """Bring a tab to the front; it is made when it is opened first."""
        raise NotImplementedError

    def tab_changed(self) -> None:
        """The tab in front shows or does something else."""
        raise NotImplementedError

    def tell_unkept(self) -> None:
        """Say why answers are not kept, once."""
        raise NotImplementedError
