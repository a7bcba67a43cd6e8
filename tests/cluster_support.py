"""What the tests of a cluster share: light work, somebody who kills workers, and certificates."""

import datetime
import ipaddress
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sim.study.cluster import Cluster


@dataclass(frozen=True)
class Doubling:
    """Work: twice each number, and how large its batch was; ``deadly`` numbers end the process."""

    seconds: float = 0.0
    deadly: frozenset[int] = frozenset()

    def prepare(self) -> None:
        """Nothing to compile."""

    def __call__(self, tasks: Sequence[int]) -> list[tuple[int, int]]:
        if self.deadly & set(tasks):
            os._exit(1)
        time.sleep(self.seconds * len(tasks))
        return [(2 * task, len(tasks)) for task in tasks]


class Killer(threading.Thread):
    """Stops a worker in its tracks, and kills it when it certainly has work."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self.client = cluster.client
        self.address, self.process = next(iter(self.client.run(os.getpid).items()))
        self.had: set[str] = set()  # keys of what it was given

    def run(self) -> None:
        os.kill(self.process, signal.SIGSTOP)
        while not self.had:
            time.sleep(0.05)
            self.had = {key for key in self.client.processing()[self.address] if "minusim-runs" in str(key)}
        os.kill(self.process, signal.SIGKILL)


def certificates(folder: Path) -> dict[str, Path]:
    """An authority of a day, and one certificate that it signed for everybody; PEM files by role."""
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key")}
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "member of a test")])
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    identity = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    ca = _begun(issuer, issuer, authority).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    cert = _begun(subject, issuer, key).add_extension(loopback, critical=False)
    signed = {
        "ca": ca.add_extension(identity, critical=False).sign(authority, hashes.SHA256()),
        "cert": cert.add_extension(signer, critical=False).sign(authority, hashes.SHA256()),
    }
    for name, certificate in signed.items():
        files[name].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files["key"].write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return files


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    begun = begun.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
    return begun.not_valid_after(now + datetime.timedelta(days=1))
