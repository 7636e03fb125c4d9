"""`labbench presets`."""

from __future__ import annotations

from typing import Annotated

import typer

from labbench.cli.options import Json
from labbench.cli.output import tell_too_large, tell_wrong


def presets(
    pattern: Annotated[
        str,
        typer.Argument(
            metavar="PATTERN", help="Only names that contain this, or match it with * and ?."
        ),
    ] = "",
    json: Json = False,
    show: Annotated[
        bool, typer.Option("--show", help="The whole resolved configuration, as TOML.")
    ] = False,
) -> None:
    """List presets: name, parameters, published accuracy. With --show print one in full."""
    from labbench.presets import Library, resolved, to_toml

    library = Library(lenient=True)
    if show:
        chosen = library.get(pattern)
        tell_too_large([chosen])
        print(to_toml(resolved(chosen)), end="")
        return
    tell_wrong(library)
    listed = library.listed(pattern)
    if json:
        from labbench.cli.output import print_json

        print_json([one.as_dict() for one in listed])
        return
    if not listed:
        from labbench.errors import PresetError, nearest

        raise PresetError(f"no preset matches {pattern!r}.", hint=nearest(pattern, library.names()))
    from labbench.cli.output import print_view
    from labbench.views.presets import PresetsView

    tell_too_large([one.preset for one in listed])
    print_view(PresetsView.of(listed))
