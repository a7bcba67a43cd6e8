"""The command line: finds the command, runs it, and turns every outcome into an exit code.

0 done, 1 some runs failed (results are kept), 2 bad input (one message, nothing written), 130 interrupted
(Ctrl-C, SIGTERM, SIGHUP).
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from sim import __version__
from sim._util.signals import termination_as_interrupt
from sim.cli.inputs import Refusal

DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {  # name -> module, and the function in it where that is not `command`
    "run": "sim.cli.run",
    "compare": "sim.cli.compare",
    "attribute": "sim.cli.attribute",
    "report": "sim.cli.report",
    "calibrate": "sim.cli.calibrate",
    "validate": "sim.cli.validate",
    "forecast": "sim.cli.forecast",
    "sensitivity": "sim.cli.sensitivity",
    "demo": "sim.cli.run:demo",
    "app": "sim.cli.app",
    "new": "sim.cli.new",
    "explain": "sim.cli.explain",
    "check": "sim.cli.check",
    "schema": "sim.cli.new:schema",
    "list": "sim.cli.listing",
    "rerun": "sim.cli.rerun",
    "diverge": "sim.cli.diverge",
    "cache": "sim.cli.cache",
}

EPILOG = "Begin with `minusim demo`; then `minusim new my.yaml`, change a number, `minusim run my.yaml`."


class Commands(click.Group):
    """A group that imports the module of a command only when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), function or "command")
        assert isinstance(command, click.Command)  # noqa: S101  # narrows the type of a dynamic import
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise Refusal(f"minusim: no command {args[0]!r}{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


def nearest(word: str, allowed: Sequence[str] | dict[str, str]) -> str:
    """The tail of a message: `; did you mean 'x'?`, or what is allowed where nothing is near."""
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; it is one of {', '.join(allowed)}"


@click.command(cls=Commands, invoke_without_command=True, epilog=EPILOG, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="minusim", message="%(prog)s %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """Simulate ten years of a United Nations peace operation in Mali, day by day, and ask what a policy would
    have cost in lives."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `minusim` with these arguments (default: those of the process) and return the exit code."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some reads every installed package
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that lacks a letter shows "?" and goes on
    try:
        with termination_as_interrupt(final=arguments is None):
            code = app.main(args=arguments, prog_name="minusim", standalone_mode=False)
    except Refusal as refusal:
        return _refused(str(refusal))
    except click.ClickException as problem:
        where = problem.ctx.command_path if isinstance(problem, click.UsageError) and problem.ctx else "minusim"
        return _refused(str(Refusal(f"{where}: {problem.format_message()} See `{where} --help`.")))
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader (`| head`) has seen enough; without this Python complains again when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code if isinstance(code, int) else DONE


def _refused(message: str) -> int:
    click.echo(message, err=True)
    return BAD_INPUT
