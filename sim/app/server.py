"""The server: Solara's pages, the animations and downloads beside them, and nothing that leaves the machine."""

from __future__ import annotations

import gzip
import json
import os
import socket
import threading
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.app.request_guard import Guard

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from sim.app.request_guard import AccessKey

STATIC = Path(__file__).with_name("static")
IDLE = 600  # s
CALM = 4.0  # s that the first page has the machine to itself; who plays or moves a slider earlier does not wait
NOWHERE = "http://127.0.0.1:0/"  # where Solara looks for files that it lacks
LARGEST_MESSAGE = 1_000_000  # bytes of what a page sends: a scenario file of 100 kB, every letter of it escaped
LONGEST_HEAD = 32_768  # bytes of the headers of a request; an address has a quarter of that
MOST_CONNECTIONS = 500
SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_ASSETS_CDN": NOWHERE,
    "SOLARA_KERNEL_CULL_TIMEOUT": f"{IDLE}s",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "minusim",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_MODE": "production",
    "SOLARA_APP": "sim.app.page",
}


def serve(
    listening: socket.socket, host: str, key: AccessKey | None = None, certificate: tuple[str, str] | None = None
) -> None:
    """Serve until interrupted.  ``certificate``: the files of a certificate and its key, for TLS."""
    import contextlib
    import logging

    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # animations under way end with it, unsaid
            await super().shutdown(sockets)

    app = Guard(application(), host, key)
    chain, private = certificate or (None, None)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="on", loop="asyncio", timeout_graceful_shutdown=1,
        http="h11", h11_max_incomplete_event_size=LONGEST_HEAD, ws_max_size=LARGEST_MESSAGE,
        limit_concurrency=MOST_CONNECTIONS, proxy_headers=False, server_header=False,
        ssl_certfile=chain, ssl_keyfile=private,
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):  # how it is meant to end
        Server(config).run(sockets=[listening])


def application() -> Starlette:
    """Everything behind the guard."""
    os.environ.update(SETTINGS)  # read when Solara is imported
    import solara.server.settings as known
    import solara.server.starlette as solara_server
    from starlette.applications import Starlette
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    # a page of this machine is in no frame of another site: the cookie that Solara falls back to is the right one
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    if known.telemetry.mixpanel_enable or known.theme.show_banner:
        raise RuntimeError("Solara was imported before its settings were made")
    _only_events()
    routes = [
        Route("/data/{mission}/basemap.json", _basemap),
        Route("/animation/{token}/{variant}/{replication:int}/{part:int}", _animation),
        Route("/download/{token}/scenario.yaml", _scenario),
        Route("/download/{token}/results.zip", _results),
        Route("/rest", _rest),
        Mount("/files", StaticFiles(directory=STATIC)),
        Mount("/", routes=solara_server.routes),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        from sim.app.sessions import reaper, scheduler

        reaper.start()
        solara_server.on_startup()
        soon = threading.Timer(CALM, scheduler.start)
        soon.start()
        try:
            yield
        finally:
            soon.cancel()
            scheduler.close()
            solara_server.on_shutdown()

    from starlette.middleware import Middleware

    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(GZipMiddleware, minimum_size=2000)])


def _only_events() -> None:
    """Let a page send events, and nothing else: ipyvue would make any class that a message names."""
    from ipyvue import VueTemplateWidget

    events = VueTemplateWidget.Events
    handle = events._handle_event

    def only_events(self: Any, widget: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, dict) and set(content) <= {"event", "data"}:
            handle(self, widget, content, buffers)

    events._handle_event = only_events


async def _basemap(request: Request) -> Response:
    from starlette.responses import Response

    from sim.app.basemap import basemap
    from sim.missions import load_mission, packaged_missions

    name = request.path_params["mission"]
    if name not in packaged_missions():
        return Response(status_code=404)
    text = json.dumps(basemap(load_mission(name)), separators=(",", ":"))
    return Response(text, media_type="application/json", headers={"cache-control": "max-age=600"})


async def _animation(request: Request) -> Response:
    from anyio import to_thread
    from starlette.responses import Response

    from sim.app.sessions import cases, scheduler

    case, where = cases.get(request.path_params["token"]), request.path_params
    if case is None or where["variant"] not in case.variants or where["replication"] > 10_000:
        return Response("no such animation", status_code=404)
    parts = await to_thread.run_sync(scheduler.animation, case, where["variant"], where["replication"])
    if where["part"] >= len(parts):
        return Response("no such part", status_code=404)
    block = parts[where["part"]]
    headers = {"cache-control": "private, max-age=3600"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(block, media_type="application/octet-stream", headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(block), media_type="application/octet-stream", headers=headers)


async def _scenario(request: Request) -> Response:
    from starlette.responses import Response

    from sim.app.sessions import cases

    case = cases.get(request.path_params["token"])
    if case is None:
        return Response("no such scenario", status_code=404)
    return Response(case.to_yaml(), media_type="application/yaml", headers=_saved("scenario.yaml"))


async def _results(request: Request) -> Response:
    from anyio import to_thread
    from starlette.responses import Response

    from sim.app.sessions import cases, scheduler

    case = cases.get(request.path_params["token"])
    if case is None:
        return Response("no such results", status_code=404)
    packed = await to_thread.run_sync(scheduler.download, case, 0)
    return Response(packed, media_type="application/zip", headers=_saved("minusim.zip"))


async def _rest(request: Request) -> Response:
    from starlette.responses import HTMLResponse

    from sim.present.html import render
    from sim.present.locale import Locale

    locale = Locale("fr" if request.query_params.get("lang") == "fr" else "en")
    return HTMLResponse(render("session_ended.html", locale, link=f"/?{request.url.query}"))


def _saved(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
