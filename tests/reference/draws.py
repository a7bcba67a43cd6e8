"""Keyed random numbers in plain Python: Philox4x32-10 (Salmon et al. 2011).

Every draw is a function of (run, entity, day, stream) and of nothing else.  The 64-bit key is that of the run; the
counter is (entity low, entity high, day, stream).  One block gives four uniforms.
"""

from sim.scenario.registry import PROCESSES

LOW = 0xFFFFFFFF
STREAMS_PER_PROCESS = 256
BIRTH = (0x6D696E75, 0x73696D00)  # the key of births, the same in every run

Four = tuple[float, float, float, float]


def stream_of(process: str) -> int:
    """The first stream of a process; its further decisions take the next ones."""
    return next(known.stream for known in PROCESSES if known.name == process) * STREAMS_PER_PROCESS


def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Ten rounds on four 32-bit words under a key of two."""
    for _ in range(10):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & LOW, (p0 >> 32) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + 0x9E3779B9) & LOW
        k1 = (k1 + 0xBB67AE85) & LOW
    return c0, c1, c2, c3


def uniforms(run: int, entity: int, day: int, stream: int) -> Four:
    """Four uniforms in the open interval (0, 1)."""
    a, b, c, d = philox(entity & LOW, entity >> 32, day, stream, run & LOW, run >> 32)
    unit = 1.0 / 4294967296.0
    return (a + 0.5) * unit, (b + 0.5) * unit, (c + 0.5) * unit, (d + 0.5) * unit


def child_key(parent: int, stream: int, number: int) -> int:
    """Identity of the n-th child of a parent; it does not depend on the run."""
    low, high, _, _ = philox(parent & LOW, parent >> 32, number, stream, *BIRTH)
    return high << 32 | low


def pair_key(a: int, b: int) -> int:
    """Identity of two entities together, in either order."""
    first, second = min(a, b), max(a, b)
    low, high, _, _ = philox(first & LOW, first >> 32, second & LOW, second >> 32, 1, 2)
    return high << 32 | low
