"""Request guard and access token of the server.

Only pages that the server itself served may call it, under a name that leads to this machine: a foreign Host header
means that another name was pointed at this address, a foreign Origin that the page of another site is calling; both are
refused.  With an access token, requests without it are refused too.

The first request carries the token in its address and is redirected to the same address without it, so that the token
stays neither in the browser's history nor on a screenshot.  The cookie carries another secret: reading one does not
reveal the other.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

FIELD = "token"
BYTES = 24  # 192 bits: too many to guess
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MOST_SENT = 64_000  # bytes of the body of a request
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class AccessKey:
    """The secrets of one server.  ``port`` keeps the cookies of two servers on one machine apart."""

    def __init__(self, port: int, *, encrypted: bool) -> None:
        self.token = secrets.token_urlsafe(BYTES)
        self._secret = secrets.token_urlsafe(BYTES)
        self._name = f"minusim-{port}"
        self._encrypted = encrypted

    def is_in(self, cookies: list[str]) -> bool:
        """Whether one of these Cookie headers carries the secret."""
        return any(_same(value, self._secret) for header in cookies for value in _values(header, self._name))

    def onward(self, query: str) -> str | None:
        """Where a query with the token leads: the first page with the rest of it.  None for any other query."""
        try:
            said = parse_qsl(query, keep_blank_values=True, max_num_fields=40)
        except ValueError:
            return None
        given = [value for name, value in said if name == FIELD]
        if len(given) != 1 or not _same(given[0], self.token):
            return None
        rest = urlencode([(name, value) for name, value in said if name != FIELD])
        return f"/?{rest}" if rest else "/"  # never the path that was asked: it could name another host

    def cookie(self) -> str:
        """The header that gives the secret to a browser; no script reads it, no foreign page sends it along."""
        return f"{self._name}={self._secret}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self._encrypted else ''}"


def _values(header: str, name: str) -> list[str]:
    try:
        found = SimpleCookie(header)
    except CookieError:
        return []
    return [found[name].value] if name in found else []


def _same(given: str, known: str) -> bool:
    """In a time that does not tell how much of it is right."""
    return secrets.compare_digest(given.encode(errors="replace"), known.encode())


class Guard:
    """Wraps an ASGI application.  ``host``: what the server is bound to.  ``key``: what a visitor must have, if any."""

    def __init__(self, app: Asgi, host: str, key: AccessKey | None = None) -> None:
        self._app = app
        self._host = host
        self._key = key

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on what is ours, with the headers that keep a page at home; refuse the rest."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not self._ours(scope):
            await _refuse(scope, send, 403, "this address serves its own pages only")
        elif not _is_small(scope):
            await _refuse(scope, send, 413, f"no request has more than {MOST_SENT // 1000} kB")
        elif self._key is not None and not self._key.is_in(_all(scope, b"cookie")):
            await self._admit(self._key, scope, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _ours(self, scope: Message) -> bool:
        hosts = _all(scope, b"host")
        if len(hosts) != 1 or not is_here(hosts[0], self._host):
            return False
        return all(_netloc(origin) == hosts[0] for origin in _all(scope, b"origin"))

    @staticmethod
    async def _admit(key: AccessKey, scope: Message, send: Send) -> None:
        """Give the cookie to who brings the token, and send him on to the address without it."""
        asked = scope["type"] == "http" and scope["method"] == "GET"
        onward = key.onward(scope["query_string"].decode("latin-1")) if asked else None
        if onward is None:
            await _refuse(scope, send, 403, "open the address that minusim app printed, token included")
            return
        headers = [
            (b"location", onward.encode()),
            (b"set-cookie", key.cookie().encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": [*headers, *HEADERS]})
        await send({"type": "http.response.body", "body": b""})


def is_here(host: str, bound: str) -> bool:
    """Whether a Host header names this machine: a loopback name; for other bindings also addresses and own names."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in ("localhost", bound):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return not is_loopback(bound) and name in _own_names()
    return address.is_loopback or not is_loopback(bound)


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache  # the full name may be asked of the network, and every request would wait for it
def _own_names() -> tuple[str, str]:
    return socket.gethostname().lower(), socket.getfqdn().lower()


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _is_small(scope: Message) -> bool:
    """Whether a request says how much it brings, and that it is not much; pages send what they have by websocket."""
    if _all(scope, b"transfer-encoding"):
        return False
    return all(length.isdecimal() and int(length[:20]) <= MOST_SENT for length in _all(scope, b"content-length"))


def _all(scope: Message, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending


async def _refuse(scope: Message, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"Refused: {text}.\n".encode()})
