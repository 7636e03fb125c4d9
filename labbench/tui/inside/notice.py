"""What a tab says where it has no picture: what it waits for, or why it cannot be."""

from __future__ import annotations

from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.runs import RunFolder

BAR = 24


def working(said: str, share: float | None, theme: Theme) -> Text:
    """What is done, and how far it is."""
    text = Text.assemble(said.capitalize(), " ...")
    if share is not None:
        text.append("\n\n").append(glyphs.bar(share, BAR), style=theme.accent)
        text.append(f"▏ {share:.0%}", style=theme.muted)
    return text.append("\n\n").append_text(_key("esc", "cancel", theme))


def beside(said: str, share: float | None, theme: Theme) -> Text:
    """The same in a few words of one line."""
    much = "" if share is None else f" {share:.0%}"
    return Text(f"◌ {said}{much} · esc cancels", style=theme.accent)


def called_off(theme: Theme) -> Text:
    """A person cancelled it."""
    text = Text.assemble(("Cancelled", "bold"), "\n\n")
    return text.append_text(_key("enter", "ask again", theme))


def cannot(error: LabbenchError, run: RunFolder, theme: Theme) -> Text:
    """Why it cannot be, and what to do; files of the run by their names in its folder."""
    text = Text.assemble(("This cannot be shown", "bold"), "\n\n")
    where = error.where.removeprefix(f"{run.path}/")
    text.append(f"{where}: {error.what}" if where else error.what)
    if error.hint:
        text.append("\n\n").append(error.hint, style=theme.muted)
    return text


def again(theme: Theme) -> Text:
    """That one can ask again."""
    return Text("\n\n").append_text(_key("enter", "try again", theme))


def _key(key: str, words: str, theme: Theme) -> Text:
    return Text.assemble((key, f"bold {theme.accent}"), (f"  {words}", theme.muted))
