"""`labbench data ...`: the clips that runs train on."""

from __future__ import annotations

import typer

data_app = typer.Typer(
    help="Add, fetch, make, list and remove clips.", no_args_is_help=True, rich_markup_mode=None
)
