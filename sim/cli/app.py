"""`minusim app`: the browser view."""

from __future__ import annotations

import errno
import ipaddress
import socket
from importlib.util import find_spec

import click

from sim._util import Unreadable, read_bytes
from sim.cli.inputs import Refusal

PORT = 8765
NEEDED = ("solara", "ipyvue", "babel", "uvicorn")


@click.command("app", short_help="Serve the browser view: a map that plays, measures to move, policies compared.")
@click.argument("scenario", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind to.")
@click.option(
    "--token/--no-token",
    default=None,
    help="Let in only who has the address with its token (default: where other machines can reach --host).",
)
@click.option("--certfile", metavar="FILE", help="Serve https with this certificate (PEM); needs --keyfile.")
@click.option("--keyfile", metavar="FILE", help="The private key of the certificate (PEM).")
def command(
    scenario: str | None, port: int, host: str, token: bool | None, certfile: str | None, keyfile: str | None
) -> int:
    """Serve the browser view of SCENARIO (a packaged name or a file; default: quickstart) until Ctrl-C.

    It opens no browser: the address that it prints does.
    """
    address = _address(scenario)
    _require()
    certificate = _certificate(certfile, keyfile)
    from sim.app.request_guard import FIELD, AccessKey, is_loopback
    from sim.app.server import serve

    alone = is_loopback(host)
    with _listen(host, port) as listening:
        bound = listening.getsockname()[1]
        key = AccessKey(bound, encrypted=certificate is not None) if token or (token is None and not alone) else None
        if not alone:
            click.echo(_warning(host, key is not None, certificate is not None), err=True)
        said = "&".join(filter(None, (f"{FIELD}={key.token}" if key else "", address)))
        where = f"[{host}]" if ":" in host else host
        scheme = "https" if certificate else "http"
        click.echo(f"{scheme}://{where}:{bound}/{'?' if said else ''}{said}   (Ctrl-C ends it)")
        serve(listening, host, key, certificate)
    return 0


def _warning(host: str, has_key: bool, encrypted: bool) -> str:
    who = "who has the address with its token" if has_key else "whoever does"
    warning = f"Warning: other machines can reach {host}; {who} can use the view."
    return warning if encrypted else f"{warning} What is sent can be read on the way: --certfile and --keyfile hide it."


def _certificate(certfile: str | None, keyfile: str | None) -> tuple[str, str] | None:
    """The two files, after they were found to belong together.  Refusal where they do not."""
    if certfile is None and keyfile is None:
        return None
    if certfile is None or keyfile is None:
        raise Refusal("--certfile and --keyfile: https needs both, a certificate and its private key")
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile, password=_no_password)
    except (OSError, ValueError) as problem:  # SSLError is an OSError
        reason = getattr(problem, "strerror", None) or problem
        raise Refusal(f"--certfile {certfile} --keyfile {keyfile}: cannot be used: {reason}") from None
    return certfile, keyfile


def _no_password() -> str:
    raise ValueError("the key has a password; write one without: openssl pkey -in KEY -out PLAIN")


def _address(scenario: str | None) -> str:
    """The query that shows a scenario."""
    from pathlib import Path

    from sim.app.url_state import LARGEST_FILE, View, is_whole, scenario_of, to_query
    from sim.cli.inputs import read_scenario
    from sim.scenario import ScenarioError, packaged_names

    if scenario is None:
        return ""
    known = read_scenario(scenario)
    if scenario in packaged_names():
        return to_query(View(scenario=scenario))
    path = Path(scenario)
    try:
        text = read_bytes(path, LARGEST_FILE, links=True).decode("utf-8-sig")
    except Unreadable as problem:
        raise Refusal(f"{scenario}: {problem}; the browser view takes no larger file") from None
    view = View(scenario=path.name, text=text)
    try:
        scenario_of(view)
    except ScenarioError:  # it extends another file: an address carries both in one
        view = View(scenario=path.name, text=known.to_yaml())
    if not is_whole(view):
        raise Refusal(f"{scenario}: too long for an address; start `minusim app` and drop the file on the page")
    return to_query(view)


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
