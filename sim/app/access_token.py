"""A key to the view: a secret in the address that is printed, then a cookie.

The first visit brings the token in its address and is sent on to the same address without it, so that it stays
neither in the history nor on a screenshot.  The cookie carries another secret: who reads one does not have the other.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

FIELD = "token"
BYTES = 24  # 192 bits: nobody guesses them


class Key:
    """The secrets of one server.  ``port`` keeps the cookies of two servers on one machine apart."""

    def __init__(self, port: int, *, encrypted: bool) -> None:
        self.token = secrets.token_urlsafe(BYTES)
        self._secret = secrets.token_urlsafe(BYTES)
        self._name = f"minusim-{port}"
        self._encrypted = encrypted

    def held(self, cookies: list[str]) -> bool:
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
