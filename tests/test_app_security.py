"""The browser view as a real server: who gets in, under which name, and with how much."""

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sim.app.request_guard import MOST_SENT, AccessKey
from sim.app.server import LARGEST_MESSAGE, LONGEST_HEAD
from sim.cli.app import _warning
from sim.cli.main import main
from tests.app_support import ROOT, served

pytestmark = pytest.mark.slow

FOREIGN = (
    "evil.example",
    "evil.example:8765",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "",
    "[::1",
    "10.0.0.1",
)


@contextmanager
def _server(*options: str) -> Iterator[tuple[str, int, str]]:
    """Host, port and query of a fresh server."""
    with served(*options) as address:
        where = urlsplit(address)
        yield where.hostname or "", where.port or 0, where.query


@pytest.fixture(scope="module")
def open_port() -> Iterator[int]:
    """The port of a server as `minusim app` starts it."""
    with _server() as (_, port, query):
        assert query == ""
        yield port


@pytest.fixture(scope="module")
def locked() -> Iterator[tuple[int, str]]:
    """Port and token of a server with a key."""
    with _server("--token") as (_, port, query):
        yield port, parse_qs(query)["token"][0]


def ask(
    port: int, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict, bytes]:
    """Status, headers (lower case) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def raw(port: int, text: bytes) -> bytes:
    """What a server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(text)
        connection.settimeout(10)
        answer = b""
        while b"\r\n\r\n" not in answer and (more := connection.recv(4096)):
            answer += more
    return answer


def knock(port: int, **headers: str) -> int:
    """The status with which a websocket is answered."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    lines = {"Host": f"127.0.0.1:{port}", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **upgrade, **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    path = "/jupyter/api/kernels/00000000-0000-0000-0000-000000000000/channels?session_id=1"
    return int(raw(port, f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()).split()[1])


def test_it_listens_on_loopback_alone(open_port: int) -> None:
    assert ask(open_port)[0] == 200
    listening = Path("/proc/net/tcp")
    if listening.exists():
        rows = [line.split()[1] for line in listening.read_text().splitlines()[1:]]
        assert [row for row in rows if row.endswith(f":{open_port:04X}") and not row.startswith("0100007F")] == []


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_names_are_refused(open_port: int, host: str) -> None:
    assert ask(open_port, Host=host)[0] in (400, 403)
    assert knock(open_port, Host=host) in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://[", "http://127.0.0.1:1", "file://", ""])
def test_foreign_pages_are_refused(open_port: int, origin: str) -> None:
    status, _, body = ask(open_port, Origin=origin)
    assert (status, body) == (403, b"Refused: this address serves its own pages only.\n")
    assert knock(open_port, Origin=origin) == 403


def test_its_own_page_may_speak(open_port: int) -> None:
    assert ask(open_port, Origin=f"http://127.0.0.1:{open_port}")[0] == 200
    assert knock(open_port, Origin=f"http://127.0.0.1:{open_port}") == 101


@pytest.mark.parametrize(
    "path",
    ["/files/../server.py", "/files/%2e%2e/server.py", "/files//etc/passwd", "/files/..%2f..%2f..%2fetc%2fpasswd",
     "/static/../../../../etc/passwd", "/static/public/..%2f..%2fetc/passwd", "/static/assets/%2e%2e/%2e%2e/etc/passwd",
     "/jupyter/nbextensions/..%2f..%2f..%2f..%2fetc%2fpasswd", "/_solara/cdn/..%2f..%2fetc%2fpasswd",
     "/download/x/../../etc/passwd", "/animation/x/../0/0", "/files/\0"],
)  # fmt: skip
def test_no_path_leads_out(open_port: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", open_port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{open_port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while more := connection.recv(65536):
            answer += more
    assert int(answer.split()[1]) < 500
    assert b"root:" not in answer
    assert b"def serve" not in answer


def test_large_requests_are_refused(open_port: int) -> None:
    assert ask(open_port, "/rest", "POST", b"x" * (MOST_SENT + 1))[0] == 413
    assert ask(open_port, "/rest", "POST", Transfer_Encoding="chunked", body=b"0\r\n\r\n")[0] == 413
    assert ask(open_port, "/rest", "POST", b"x", Content_Length="1e9")[0] in (400, 413)
    head = f"GET /?{'x' * 2 * LONGEST_HEAD} HTTP/1.1\r\nHost: 127.0.0.1:{open_port}\r\n"
    assert raw(open_port, head.encode()).split()[1] in (b"400", b"431")
    assert ask(open_port, "/rest")[0] == 200, "it still serves"


@contextmanager
def _page(port: int, number: int, **options: object) -> Iterator[object]:
    """A websocket as a page opens it."""
    from websockets.sync.client import connect

    where = (
        f"ws://127.0.0.1:{port}/jupyter/api/kernels/00000000-0000-0000-0000-00000000000{number}/channels?session_id=1"
    )
    with connect(where, origin=f"http://127.0.0.1:{port}", **options) as page:
        yield page


def _hear(page: object, seconds: float) -> None:
    """Listen until the other end is silent or closes."""
    while True:
        page.recv(timeout=seconds)


@pytest.mark.parametrize("packed", [False, True])
def test_large_messages_end_the_session_and_not_the_server(open_port: int, packed: bool) -> None:
    from websockets.exceptions import ConnectionClosed

    large = " " * (LARGEST_MESSAGE + 1)
    assert len(zlib.compress(large.encode())) < 2_000
    with _page(open_port, 1, compression="deflate" if packed else None) as page:
        with suppress(ConnectionClosed):
            page.send(large)
            _hear(page, 20)
        assert page.close_code in (1006, 1009)  # broken off; too big
    assert ask(open_port)[0] == 200


STRANGE = ("", "[", "[]", "null", "{}", '{"msg_type": 1}', '{"header": {"msg_type": "comm_open"}}', "[" * 5000)


def test_messages_of_no_page_end_nothing(open_port: int) -> None:
    from websockets.exceptions import ConnectionClosed

    for number, text in enumerate(STRANGE, 2):
        with _page(open_port, number) as page:
            page.send(text)
            with pytest.raises((ConnectionClosed, TimeoutError)):
                _hear(page, 0.2)
    assert ask(open_port, "/rest")[0] == 200


# the key


def test_without_the_token_nobody_gets_in(locked: tuple[int, str]) -> None:
    port, token = locked
    tokens = ("", "x", token[:-1], f"{token}x", f"{token}&token={token}")
    paths = ("/", "/rest", "/data/minusma/basemap.json", "/files/page.css", f"/files/page.css?s={token}")
    wrong = (*paths, *(f"/?token={text}" for text in tokens))
    for path in wrong:
        status, headers, body = ask(port, path)
        assert (status, headers.get("set-cookie")) == (403, None), path
        assert body == b"Refused: open the address that minusim app printed, token included.\n"
    assert ask(port, f"/?token={token}", "POST", b"")[0] == 403
    assert knock(port) == 403
    assert ask(port, Cookie=f"minusim-{port}={token}")[0] == 403, "the token is not what the cookie carries"


def test_the_token_becomes_a_cookie_and_leaves_the_address(locked: tuple[int, str]) -> None:
    port, token = locked
    status, headers, _ = ask(port, f"/?lang=fr&token={token}&s=quickstart")
    assert (status, headers["location"], headers["cache-control"]) == (303, "/?lang=fr&s=quickstart", "no-store")
    cookie = headers["set-cookie"]
    assert re.fullmatch(rf"minusim-{port}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert token not in cookie
    pair = cookie.partition(";")[0]
    assert ask(port, Cookie=pair)[0] == 200
    assert ask(port, "/data/minusma/basemap.json", Cookie=f"a=b; {pair}")[0] == 200
    assert knock(port, Cookie=pair, Origin=f"http://127.0.0.1:{port}") == 101
    assert knock(port, Cookie=pair, Origin="http://evil.example") == 403, "a cookie opens no door to another page"


def test_the_way_on_never_leads_elsewhere(locked: tuple[int, str]) -> None:
    port, token = locked
    for path in (
        f"//evil.example/?token={token}",
        f"/%5cevil.example?token={token}",
        f"/?token={token}&next=//evil.example",
    ):
        location = ask(port, path)[1].get("location", "/")
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_a_key_of_its_own_for_every_server() -> None:
    keys = [AccessKey(8765, encrypted=True) for _ in range(20)]
    assert len({key.token for key in keys}) == 20
    assert keys[0].cookie().endswith("; Secure")
    assert not keys[0].is_in([keys[1].cookie(), "", "=", "minusim-8765", "a" * 100, "\xff=\xff"])
    assert keys[0].is_in([keys[0].cookie().partition(";")[0]])
    assert keys[0].onward("token=" + "&" * 60) is None
    assert keys[0].onward(f"token={keys[0].token}") == "/"


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    (folder / "key.pem").write_bytes(key.private_bytes(*private, plain))
    locked = serialization.BestAvailableEncryption(b"secret")
    (folder / "locked.pem").write_bytes(key.private_bytes(*private, locked))
    return folder / "cert.pem", folder / "key.pem"


def test_https(certificate: tuple[Path, Path]) -> None:
    cert, key = map(str, certificate)
    with _server("--certfile", cert, "--keyfile", key, "--token") as (_, port, query):
        trusting = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection("localhost", port, timeout=30, context=trusting)
        connection.request("GET", f"/?{query}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 303
        cookie = answer.getheader("set-cookie") or ""
        assert cookie.endswith("; Secure")
        connection.request("GET", "/", headers={"Cookie": cookie.partition(";")[0]})
        answer = connection.getresponse()
        assert answer.status == 200
        connection.close()
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            ask(port)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--certfile cert.pem", "--certfile and --keyfile: https needs both, a certificate and its private key"),
        ("--keyfile key.pem", "--certfile and --keyfile: https needs both, a certificate and its private key"),
        (
            "--certfile no.pem --keyfile key.pem",
            "--certfile no.pem --keyfile key.pem: cannot be used: No such file or directory",
        ),
        (
            "--certfile cert.pem --keyfile locked.pem",
            "--certfile cert.pem --keyfile locked.pem: cannot be used: the key has a password; write one without: "
            "openssl pkey -in KEY -out PLAIN",
        ),
    ],
)
def test_certificates_that_will_not_do(
    certificate: tuple[Path, Path],
    options: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(certificate[0].parent)
    assert main(["app", "--port", "0", *options.split()]) == 2
    assert capsys.readouterr().err == f"{said}\n"


READABLE = "What is sent can be read on the way: --certfile and --keyfile hide it."


def test_other_machines_need_the_token_unless_told_otherwise() -> None:
    command = [sys.executable, "-m", "sim", "app", "--port", "0", "--host", "0.0.0.0"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline()
    port = int(address.split(":")[2].partition("/")[0])
    assert ask(port)[0] == 403
    server.terminate()
    warning = server.communicate(timeout=30)[1].splitlines()[0]
    assert re.match(r"http://0\.0\.0\.0:\d+/\?token=[\w-]{32} ", address)
    reached = "Warning: other machines can reach 0.0.0.0;"
    assert warning == f"{reached} who has the address with its token can use the view. {READABLE}"
    assert _warning("0.0.0.0", False, False) == f"{reached} whoever does can use the view. {READABLE}"
    assert _warning("0.0.0.0", False, True) == f"{reached} whoever does can use the view."


def test_nothing_of_the_key_is_in_a_film_or_page(locked: tuple[int, str]) -> None:
    port, token = locked
    pair = ask(port, f"/?token={token}")[1]["set-cookie"].partition(";")[0]
    page = ask(port, Cookie=pair)[2]
    ground = ask(port, "/data/minusma/basemap.json", Cookie=pair)[2]
    assert token.encode() not in page + ground
    assert pair.partition("=")[2].encode() not in page + ground
    assert json.loads(ground)
