"""`minusim app`: the browser view."""

from __future__ import annotations

import errno
import ipaddress
import socket
from importlib.util import find_spec

import click

from sim.cli.errors import Refusal

PORT = 8765
NEEDED = ("solara", "ipyvue", "babel", "uvicorn")


@click.command("app", short_help="Serve the browser view: a map that plays, measures to move, policies compared.")
@click.argument("scenario", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind to.")
def command(scenario: str | None, port: int, host: str) -> int:
    """Serve the browser view of SCENARIO (a packaged name or a file; default: quickstart) until Ctrl-C.

    It opens no browser: the address that it prints does.
    """
    address = _address(scenario)
    _require()
    from sim.app.guard import is_loopback
    from sim.app.server import serve

    with _listen(host, port) as listening:
        if not is_loopback(host):
            click.echo(f"Warning: other machines can reach {host}; whoever does can use the view.", err=True)
        name = f"[{host}]" if ":" in host else host
        click.echo(f"http://{name}:{listening.getsockname()[1]}/{address}   (Ctrl-C ends it)")
        serve(listening, host)
    return 0


def _address(scenario: str | None) -> str:
    """The query that shows a scenario."""
    from pathlib import Path

    from sim.app.address import LARGEST_FILE, View, is_whole, query, scenario_of
    from sim.cli.inputs import read_scenario
    from sim.scenario import ScenarioError, packaged_names

    if scenario is None:
        return ""
    known = read_scenario(scenario)
    if scenario in packaged_names():
        return "?" + query(View(scenario=scenario))
    path = Path(scenario)
    if path.stat().st_size > LARGEST_FILE:
        raise Refusal(f"{scenario}: larger than {LARGEST_FILE // 1000} kB; the browser view takes no larger file")
    view = View(scenario=path.name, text=path.read_text(encoding="utf-8-sig"))
    try:
        scenario_of(view)
    except ScenarioError:  # it extends another file: an address carries both in one
        view = View(scenario=path.name, text=known.to_yaml())
    if not is_whole(view):
        raise Refusal(f"{scenario}: too long for an address; start `minusim app` and drop the file on the page")
    return "?" + query(view)


def _require() -> None:
    missing = [name for name in NEEDED if not _found(name)]
    if missing:
        raise Refusal("minusim app needs its extra: pip install 'minusim[app]'")


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address.  Refusal where it is taken or not ours."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        family = socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as problem:
        listening.close()
        if problem.errno == errno.EADDRINUSE:
            raise Refusal(f"port {port} is taken; choose another with --port, or 0 for any that is free") from None
        raise Refusal(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
    return listening
