"""Keyed random numbers: every draw is a function of (seed, entity, day, stream) and of nothing else.

Generator: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), held against the published
Random123 vectors in the tests.  The 64-bit key mixes seed and replication; the counter is (entity low, entity high,
day,
stream).  One block gives four uniforms, so a decision that needs up to four takes one block.

A stream is an integer: the process's own number times 256 plus the index of the decision inside the process.
"""

import hashlib
from operator import index

import numpy as np

from sim.model.kernels import inlined_kernel, kernel

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_BIRTH_A = np.uint64(0x6D696E75)  # the key of births, the same in every run
_BIRTH_B = np.uint64(0x73696D00)
_TO_UNIT = 1.0 / 4294967296.0

STREAMS_PER_PROCESS = 256


def run_key(seed: int, replication: int = 0) -> np.uint64:
    """The 64-bit key of a run; 0 <= seed < 2**63.  The asked seed is replication 0.

    TypeError for a seed that is no whole number, ValueError for one out of range.
    """
    try:
        number = index(seed)
    except TypeError:
        raise TypeError(f"seed: {seed!r} is no whole number; allowed 0 to {2**63 - 1}") from None
    if not 0 <= number < 2**63:
        raise ValueError(f"seed: {number} is out of range; allowed 0 to {2**63 - 1}")
    return _digest(f"run:{number}:{replication}")


def entity_key(kind: str, name: str) -> np.uint64:
    """The 64-bit identity of a standing entity, from its kind and schedule name; storage rows never matter."""
    return _digest(f"{kind}:{name}")


def _digest(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


@inlined_kernel
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10 on uint64 words that hold 32-bit values; returns four 32-bit words."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@kernel
def uniforms(key, entity, day, stream):
    """Four independent uniforms in the open interval (0, 1) for one entity, day and stream."""
    when = np.uint64(day) & _LOW
    decision = np.uint64(stream) & _LOW
    c0, c1, c2, c3 = philox(entity & _LOW, entity >> _SHIFT, when, decision, key & _LOW, key >> _SHIFT)
    return (
        (np.float64(c0) + 0.5) * _TO_UNIT,
        (np.float64(c1) + 0.5) * _TO_UNIT,
        (np.float64(c2) + 0.5) * _TO_UNIT,
        (np.float64(c3) + 0.5) * _TO_UNIT,
    )


@kernel
def uniform(key, entity, day, stream):
    """One uniform in (0, 1)."""
    return uniforms(key, entity, day, stream)[0]


@inlined_kernel
def first_uniforms(key, entities, day, stream, chance):
    """The first of the ``uniforms`` of every entity into ``chance``: a column at a time costs a tenth of one by one."""
    # where a word is known to have 32 bits a product is one instruction, without it four
    when = np.uint64(day) & _LOW
    decision = np.uint64(stream) & _LOW
    for i in range(entities.shape[0]):
        c0, _, _, _ = philox(entities[i] & _LOW, entities[i] >> _SHIFT, when, decision, key & _LOW, key >> _SHIFT)
        chance[i] = (np.float64(c0) + 0.5) * _TO_UNIT


@inlined_kernel
def first_uniforms_of_trips(key, trip_key, trip_clock, stream, trip_count, trip_chance):
    """As ``first_uniforms``, for today's trips, each at its own clock."""
    decision = np.uint64(stream) & _LOW
    for t in range(trip_count[0]):
        when = np.uint64(trip_clock[t]) & _LOW
        c0, _, _, _ = philox(trip_key[t] & _LOW, trip_key[t] >> _SHIFT, when, decision, key & _LOW, key >> _SHIFT)
        trip_chance[t] = (np.float64(c0) + 0.5) * _TO_UNIT


@kernel
def child_key(parent, stream, number):
    """The key of the n-th child of a parent on a birth stream (a convoy of a base, a split of a band).

    It does not depend on the run's seed: identity is what happened in the schedule of births, not chance.
    """
    c0, c1, _, _ = philox(parent & _LOW, parent >> _SHIFT, np.uint64(number), np.uint64(stream), _BIRTH_A, _BIRTH_B)
    return (c1 << _SHIFT) | c0


@kernel
def pair_key(a, b):
    """The key of an unordered pair of entities."""
    low = min(a, b)
    high = max(a, b)
    c0, c1, _, _ = philox(low & _LOW, low >> _SHIFT, high & _LOW, high >> _SHIFT, np.uint64(1), np.uint64(2))
    return (c1 << _SHIFT) | c0
