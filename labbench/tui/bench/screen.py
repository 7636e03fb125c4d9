"""The bench: presets on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import events
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from labbench import units
from labbench.draw.columns import ListColumn, cells_of
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import PresetError
from labbench.presets import Preset, published
from labbench.text import shell_quoted
from labbench.tui.bench.describe import Best, described
from labbench.tui.bench.outline import MINE, MODELS, TABLES, Line, Outline, library, own_files
from labbench.tui.bench.welcome import Welcome
from labbench.tui.commands import command
from labbench.tui.mixins import Detail, DetailKeys, SearchBox, SearchKeys
from labbench.tui.routes import ToData, ToForm
from labbench.tui.screen import WIDE
from labbench.tui.table import Table

if TYPE_CHECKING:
    from labbench.runs.poller import RunsSnapshot

DEMO = "demo"

MOST_WRONG = 3
"""Files that are complained of at once; all are in the list."""

LOOK_EVERY_S = 2.0
"""The user's presets are looked at this often for newer ones."""

STATE_DOTS = {"finished": "●", "running": "◐", "starting": "◐", "queued": "◷"}


class PresetsScreen(DetailKeys, SearchKeys):
    """Presets as an outline with search, and all there is to say of the chosen one."""

    AUTO_FOCUS = "Table"  # The search box before it may be hidden.
    CSS_PATH = "bench.tcss"
    keys = (
        "launch", "take_found", "change", "leave_search", "search", "toggle", "close", "add_clips",
        "fetch_clips", "detail_down", "detail_up",
    )  # fmt: skip
    subject = "the preset"
    searched = "presets by name and labels"
    about = (
        "The bench: pick a preset and launch it. Beside it stand its layers, its settings, the "
        "accuracy that was published for it and the best you reached here. A dot is a finished "
        "run, a half one a live run."
    )

    def __init__(self) -> None:
        super().__init__()
        self._marks = own_files()
        self._library = library()
        self._outline = Outline(self._library)
        self._opened = {f"group:{MODELS}", f"group:{TABLES}"}
        self._opened |= {f"group:{MINE}"} if self._library.wrong else set()
        self._lines: dict[str, Line] = {}
        self._best: dict[str, Best] = {}
        self._states: dict[str, list[str]] = {}
        self._welcomed = False
        self._columns = self._columns_for(WIDE)
        self.chosen: Preset | None = None
        """The preset under the cursor."""

    def body(self) -> Iterable[Widget]:
        yield Welcome()
        with Horizontal(id="bench"):
            with Vertical(id="presets"):
                yield SearchBox("presets")
                yield Table(self._columns, self._cells, id="outline")
            with VerticalScroll(id="detail"):
                yield Detail()

    def on_mount(self) -> None:
        self.query_one(SearchBox).display = False
        self.query_one(Welcome).display = False
        self._show()
        self.query_one(Table).go_to(f"preset:{DEMO}")
        self.query_one(Table).focus()
        self._say_what_is_wrong()
        self.while_in_front(LOOK_EVERY_S, self.look)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.look()

    def look(self) -> None:
        """Read the presets again where a file of the user's came, went or was changed."""
        if (marks := own_files()) == self._marks:
            return
        self._marks, self._library = marks, library()
        self._outline = Outline(self._library)
        self._opened.add(f"group:{MINE}")
        self._show()
        self._say_what_is_wrong()

    def _say_what_is_wrong(self) -> None:
        for error in list(self._library.wrong.values())[:MOST_WRONG]:
            self.bench.complain(error)

    def on_resize(self, event: events.Resize) -> None:
        self._columns = self._columns_for(event.size.width)
        self.query_one(Table).set_columns(self._columns)

    # What is in view

    @property
    def can_search(self) -> bool:
        return not self.welcoming

    @property
    def welcoming(self) -> bool:
        """Whether the greeting of an empty folder is in view."""
        return self.query_one(Welcome).display

    def _show(self) -> None:
        lines = self._outline.searched(self.text) if self.text else None
        if lines is None:
            lines = self._outline.lines(self._opened)
        self._lines = {line.key: line for line in lines}
        table = self.query_one(Table)
        table.redraw()
        table.show([line.key for line in lines])
        self._choose(table.cursor)

    def _choose(self, key: str | None) -> None:
        line = self._lines.get(key or "")
        name = line.preset if line else None
        self.chosen = None
        if name is not None:
            try:
                self.chosen = self._library.get(name)
            except PresetError as error:
                self.bench.complain(error)
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)
        self.query_one(Detail).refresh(layout=True)
        self.refresh_keys()

    def on_table_moved(self, event: Table.Moved) -> None:
        self._choose(event.key)

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.action_do("Launch")

    def _columns_for(self, width: int) -> tuple[ListColumn[Line], ...]:
        title, cells = ("published", 9) if width >= WIDE else ("publ.", 6)
        return (
            ListColumn("preset", self._label, 18, stretch=True),
            ListColumn(title, self._figure, cells, rank=1, right=True),
        )

    def _cells(self, key: str) -> list[Text]:
        return cells_of(self._columns, self._lines[key], self.bench.palette)

    def _label(self, line: Line, theme: Theme) -> Text:
        """A preset with a sign for its runs, a group with an arrow."""
        indent = "  " * line.depth
        if line.preset is not None:
            dots = self._dots((line.preset,))
            sign = f"{dots if dots != '·' else ' '} "
            name = self._fitting(line.label) if self.text else line.label
            return Text.assemble(indent, (sign, theme.good), name)
        if line.kind == "wrong":
            return Text.assemble(indent, ("✖ ", theme.bad), line.label)
        arrow = "▾ " if line.open else "▸ "
        style = "bold" if line.kind == "group" else ""
        return Text.assemble(indent, (arrow, theme.accent), (line.label, style))

    def _figure(self, line: Line, theme: Theme) -> Text:
        """A preset's published accuracy; of a group how much of it was run."""
        if line.preset is not None:
            figure = published(self._library.get(line.preset).published)
            return Text(units.accuracy(figure.accuracy) if figure else "")
        if line.kind == "wrong":
            return Text("wrong", theme.bad)
        if line.kind == "row":
            dots = self._dots(line.names)
            return Text(dots, theme.good if dots.strip("·") else theme.muted)
        done = sum(name in self._best for name in line.names)
        count = f"{done}/{len(line.names)}" if line.kind == "table" else ""
        return Text(count, style=theme.good if done else theme.muted)

    def _fitting(self, name: str) -> str:
        """A found preset's name; where it is too long its end tells it from others."""
        room = max(self.query_one(Table).size.width - 13, 12)
        return name if len(name) <= room else f"…{name[1 - room :]}"

    def _dots(self, names: tuple[str, ...]) -> str:
        """A sign for each preset: finished, live or waiting, or not run yet."""
        signs = []
        for name in names:
            states = self._states.get(name, [])
            live = next((s for s in states if s in ("running", "starting", "queued")), None)
            state = live or ("finished" if "finished" in states else "")
            signs.append(STATE_DOTS.get(state, "·"))
        return "".join(signs) if len(names) <= 9 else f"{sum(s != '·' for s in signs)}/{len(names)}"

    def detail(self, width: int) -> RenderableType:
        """What stands on the right."""
        theme = self.bench.palette
        if self.chosen is None:
            line = self._lines.get(self.query_one(Table).cursor or "")
            return self._group_detail(line) if line else Text("no preset matches", theme.muted)
        name = self.chosen.name
        runs = len(self._states.get(name, []))
        return described(self.chosen, self._best.get(name), runs, width, theme)

    def _group_detail(self, line: Line) -> RenderableType:
        """What a group, a table or a row holds."""
        theme = self.bench.palette
        if line.kind == "wrong":
            error = self._library.wrong[line.label]
            text = Text.assemble(
                (f"{line.label} cannot be used", "bold"), "\n\n", (error.what, theme.bad)
            )
            for more in ("\n", error.hint, "\n\n", error.where):
                text.append(more, style=theme.muted)
            return text
        done = sum(name in self._best for name in line.names)
        text = Text.assemble((line.label, "bold"), "\n")
        if line.kind == "table":
            text.append(self._library.table(line.label).about, style=theme.muted).append("\n")
        if not line.names and not self._library.wrong:
            from labbench import paths

            said = "None yet. Your own presets and tables are TOML files in"
            text.append("\n").append(said).append("\n")
            return text.append(str(paths.user_presets_dir()), style=theme.accent)
        count = units.plural(len(line.names), "preset")
        text.append("\n").append(f"{count}, {done} with an accuracy here").append("\n")
        hint = "enter closes it" if line.open else "enter opens it"
        return text.append(hint, style=theme.muted)

    # What runs say of presets

    def runs_changed(self, runs: RunsSnapshot) -> None:
        from labbench.evaluation.compare import accuracy

        self._best, self._states = {}, {}
        for entry in runs.entries:
            status = entry.status
            self._states.setdefault(status.preset, []).append(status.state)
            ours = accuracy(status)
            if ours is None or entry.flaw:
                continue
            best = Best(ours, entry.run.number, status.synthetic)
            before = self._best.get(status.preset)
            if before is None or _rank(best) > _rank(before):
                self._best[status.preset] = best
        if self.bench.seen and not runs.entries and not self._welcomed:
            self._welcomed = True
            self._welcome(True)
        elif runs.entries and self.welcoming:
            self._welcome(False)
        self.query_one(Table).refresh_rows()
        self.query_one(Detail).refresh()

    def theme_changed(self) -> None:
        super().theme_changed()
        self.query_one(Welcome).refresh()

    # What commands do

    def _welcome(self, shown: bool) -> None:
        self.query_one(Welcome).display = shown
        self.query_one("#bench").display = not shown
        if not shown:
            self.query_one(Table).focus()
        self.refresh_keys()

    def leave_welcome(self) -> None:
        """To the presets."""
        self._welcome(False)

    def launch_demo(self) -> None:
        """Train the demo preset on synthetic speech."""
        self.bench.launch(self._library.get(DEMO))

    @command("space,right,l", "open", shown=False)
    def toggle(self) -> None:
        """Open the group under the cursor, or close it."""
        line = self._lines.get(self.query_one(Table).cursor or "")
        if line is not None and line.open is not None:
            self._opened ^= {line.key}
            self._show()

    @command("left,h", "close", shown=False)
    def close(self) -> None:
        """Close the group under the cursor, or the one it is in."""
        table = self.query_one(Table)
        line = self._lines.get(table.cursor or "")
        if line is None:
            return
        if line.open:
            self.toggle()
            return
        keys = list(self._lines)
        above = keys[: keys.index(line.key)]
        parent = next((k for k in reversed(above) if self._lines[k].depth < line.depth), None)
        if parent is not None:
            table.go_to(parent)

    def end_search(self) -> None:
        """Show all presets again, with the cursor on the one that was found."""
        chosen = self.chosen
        super().end_search()
        if chosen is not None:
            self._open_to(chosen.name)
        self._show()
        if chosen is not None:
            self.query_one(Table).go_to(f"preset:{chosen.name}")
        self.query_one(Table).focus()
        self.refresh_keys()

    def _open_to(self, name: str) -> None:
        """Open what a preset is in."""
        if "/" in name:
            table, row, _ = name.split("/")
            self._opened |= {f"table:{table}", f"row:{table}/{row}"}

    def list_found(self) -> None:
        self._show()
        self.query_one(Table).action_to_end(-1)

    @property
    def typing(self) -> bool:
        """Whether keys go into the search box."""
        return isinstance(self.focused, SearchBox)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.prevent_default()
        self.take_found()

    @command("enter", "take", when=lambda self: self.typing, group="Searching")
    def take_found(self) -> None:
        """Go to the preset found."""
        self.query_one(Table).focus()

    @command(
        "c", "change and launch", when=lambda self: self.chosen is not None and not self.welcoming
    )
    def change(self) -> None:
        """Change values of the chosen preset, then launch it."""
        if self.chosen is not None:
            self.bench.go(ToForm(self.chosen))

    def headless(self) -> str | None:
        if self.chosen is None:
            return None
        return f"labbench run {shell_quoted(self.chosen.name)}"

    @command("enter", "launch", when=lambda self: not self.typing)
    def launch(self) -> None:
        """Launch the chosen preset; open or close a group."""
        if self.welcoming:
            self.launch_demo()
        elif (preset := self.chosen) is not None:
            self.bench.launch(preset)
        else:
            self.toggle()

    @command("escape", "presets", when=lambda self: self.welcoming or self.searching)
    def leave_search(self) -> None:
        """Leave the search or the welcome page."""
        if self.welcoming:
            self.leave_welcome()
        else:
            self.end_search()

    @command("a", "add clips")
    def add_clips(self) -> None:
        """Add a folder of your own clips."""
        self.bench.go(ToData("add"))

    @command("d", "fetch clips")
    def fetch_clips(self) -> None:
        """Fetch Speech Commands, the clips of the published figures."""
        self.bench.go(ToData("fetch"))


def _rank(best: Best) -> tuple[bool, float]:
    """Figures on real speech come before those on synthetic speech."""
    return not best.synthetic, best.accuracy
