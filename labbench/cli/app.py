"""All commands, and how errors leave the program."""

from __future__ import annotations

import errno
import signal
import sys
from typing import Annotated

import typer

from labbench import paths
from labbench.cli.compare import compare
from labbench.cli.data import data_app
from labbench.cli.doctor import doctor
from labbench.cli.export import export
from labbench.cli.output import say, say_silence
from labbench.cli.predict import predict
from labbench.cli.presets import presets
from labbench.cli.report import report
from labbench.cli.run import checkpoint, run, stop, watch
from labbench.cli.runs import runs_app
from labbench.cli.showing import show_app
from labbench.cli.showing.command import declared
from labbench.cli.streams import drop_stdout, leave_gone_terminal
from labbench.cli.sweep import sweep
from labbench.cli.table import reproduce, table
from labbench.errors import STOPPED_EXIT_CODE, LabbenchError
from labbench.text import shortened
from labbench.version import VERSION

EXIT_CODES = """
Exit codes: 0 done. 1 error. 2 wrong usage. 3 preset. 4 clips. 5 run folder. 6 busy.
7 training failed. 8 device. 9 figure missed. 130 stopped (resumable).
"""

UNWRITABLE = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EAGAIN, errno.ENXIO,
)  # fmt: skip
"""Why stdout takes no more: full, beyond a limit, gone, or busy where nobody may wait for it."""

HUNG_UP = 128 + signal.SIGHUP
"""The terminal is gone: a write fails before the signal comes that says so, or it is ignored."""

app = typer.Typer(
    name="labbench",
    help="A lab bench for 1-D CNNs on raw audio: train, evaluate, resume.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"labbench {VERSION}")
        raise typer.Exit


@app.callback()
def labbench(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """A lab bench for 1-D CNNs on raw audio: train, evaluate, resume."""
    if why := paths.unusable():
        raise LabbenchError(why, hint=paths.HINT)


app.command()(presets)
app.command()(run)
app.command()(watch)
app.command()(stop)
app.command()(checkpoint)
app.add_typer(runs_app, name="runs")
app.add_typer(show_app, name="show")
app.command()(declared(predict))
app.command()(export)
app.command()(compare)
app.command()(doctor)
app.command()(report)
app.command()(table)
app.command()(sweep)
app.command()(reproduce)
app.add_typer(data_app, name="data")


def run_app(arguments: list[str]) -> int:
    """Run one command line; returns its exit code."""
    try:
        return _run(arguments)
    except OSError as error:  # what was to be said of another error cannot be
        if error.errno == errno.EIO and leave_gone_terminal():
            return HUNG_UP
        raise
    finally:
        say_silence()


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, standalone_mode=False)
        sys.stdout.flush()
    except LabbenchError as error:
        say(f"labbench: {error}")
        return error.exit_code
    except typer.Abort:
        say("labbench: cancelled.")
        return 1
    except KeyboardInterrupt:
        say("labbench: interrupted.")
        return STOPPED_EXIT_CODE
    except BrokenPipeError:  # who read our output left
        drop_stdout()
        return 0
    except OSError as error:
        if error.filename is not None:
            say(f"labbench: {error.filename}: {error.strerror}.")
            return LabbenchError.exit_code
        if error.errno == errno.EIO and leave_gone_terminal():
            return HUNG_UP
        if error.errno not in UNWRITABLE:
            raise
        drop_stdout()
        say(f"labbench: stdout: cannot be written: {error.strerror}.")
        return LabbenchError.exit_code
    except Exception as error:
        if show_usage := getattr(error, "show", None):
            error.message = shortened(error.message)  # type: ignore[attr-defined]
            show_usage()
            return int(getattr(error, "exit_code", 2))
        raise
    return code if isinstance(code, int) else 0
