"""Keyed random numbers: the published vectors, uniformity, and that every coordinate matters."""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numba import njit
from scipy import stats

from sim.model.streams import STREAMS_PER_PROCESS, child_key, entity_key, pair_key, philox, run_key, uniform, uniforms
from tests.engine_support import ALPHA, plain

# Random123, file kat_vectors, philox4x32 with 10 rounds: counter, key, output
VECTORS = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)
DRAWS = 100_000


@njit
def compiled_philox(c0, c1, c2, c3, k0, k1):
    return philox(c0, c1, c2, c3, k0, k1)


@njit
def compiled_uniforms(key, entity, day, stream):
    return uniforms(key, entity, day, stream)


@njit
def along(which, key, entity, day, stream, count):
    """The first word of ``count`` blocks along one coordinate: 0 entity, 1 day, 2 stream, 3 run."""
    found = np.empty(count)
    for n in range(count):
        step = np.uint64(n)
        found[n] = uniform(
            key + step if which == 3 else key,
            entity + step if which == 0 else entity,
            day + n if which == 1 else day,
            stream + n if which == 2 else stream,
        )
    return found


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
@pytest.mark.parametrize("function", [plain(philox), compiled_philox], ids=["plain", "compiled"])
def test_philox_gives_the_published_vectors(function: Callable, counter: str, key: str, output: str) -> None:
    assert [int(word) for word in function(*words(counter), *words(key))] == [int(word) for word in words(output)]


def test_plain_and_compiled_draws_are_equal_to_the_bit() -> None:
    plain_uniforms = plain(uniforms)
    cases = product((0, 1, 2**63 - 1), (0, 2**64 - 1, 12345678901234567), (0, 3835), (256, 8191))
    for key, entity, day, stream in cases:
        args = np.uint64(key), np.uint64(entity), day, stream
        assert plain_uniforms(*args) == compiled_uniforms(*args)


@pytest.mark.parametrize("which", range(4), ids=["entity", "day", "stream", "run"])
def test_draws_along_each_coordinate_are_uniform(which: int) -> None:
    u = along(which, run_key(7), entity_key("band", "JNIM:0"), 0, 0, DRAWS)
    assert uniformity(u) > ALPHA
    assert 0.0 < u.min() < u.max() < 1.0


def test_a_generator_that_is_wrong_by_a_tenth_fails() -> None:
    u = along(0, run_key(7), entity_key("band", "JNIM:0"), 0, 0, DRAWS)
    assert uniformity(u**1.1) < ALPHA
    assert uniformity(0.9 * u) < ALPHA


def test_the_four_words_of_a_block_are_independent() -> None:
    blocks = np.array([compiled_uniforms(run_key(1), np.uint64(n), 5, 256) for n in range(20_000)])
    assert min(uniformity(blocks[:, i]) for i in range(4)) > ALPHA
    cells = (blocks * 4).astype(int)
    for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        table = np.bincount(4 * cells[:, i] + cells[:, j], minlength=16)
        assert stats.chisquare(table).pvalue > ALPHA


def test_draws_of_the_next_day_tell_nothing_of_todays() -> None:
    u = along(1, run_key(3), entity_key("cell", "147944"), 0, 4096, DRAWS)
    table = np.bincount(10 * (u[:-1] * 10).astype(int) + (u[1:] * 10).astype(int), minlength=100)
    assert stats.chisquare(table).pvalue > ALPHA


def test_uniforms_never_reach_zero_or_one() -> None:
    """Whatever 32 bits come out: a logarithm or a quantile of them is finite."""
    for word in (0, 1, 2**31, 2**32 - 1):
        extreme = plain(uniforms)
        extreme.__globals__["philox"] = lambda *_, word=word: (np.uint64(word),) * 4
        u = extreme(np.uint64(1), np.uint64(2), 3, 4)
        assert min(u) > 0.0
        assert max(u) < 1.0


def test_run_keys_are_distinct_by_seed_and_replication() -> None:
    keys = {int(run_key(seed, n)) for seed in (0, 1, 2, 12, 2**63 - 1) for n in range(200)}
    assert len(keys) == 1000
    assert run_key(1, 12) != run_key(11, 2), "seed and replication are not just written one after the other"
    assert run_key(5) == run_key(5, 0)


@pytest.mark.parametrize("seed", [-1, 2**63, 2**70])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=f"seed: {seed} is out of range; allowed 0 to"):
        run_key(seed)


def test_zero_is_a_seed_of_its_own() -> None:
    assert run_key(0) != run_key(1)


def test_entity_keys_depend_on_kind_and_name_only() -> None:
    assert entity_key("band", "1") != entity_key("cell", "1")
    assert entity_key("band", "1") == entity_key("band", "1")
    assert len({int(entity_key("community", str(n))) for n in range(5000)}) == 5000


def test_child_keys_are_distinct() -> None:
    parents = [entity_key("base", name) for name in ("Gao", "Kidal")]
    made = [
        int(plain(child_key)(parent, stream, n))
        for parent in parents
        for stream in (1280, 7680)
        for n in (*range(500), 1_000_000)
    ]
    assert len(set(made)) == len(made)


def test_a_pair_has_one_key_in_either_order() -> None:
    key_of = plain(pair_key)
    keys = [entity_key("band", str(n)) for n in range(40)]
    made = {int(key_of(a, b)) for i, a in enumerate(keys) for b in keys[i + 1 :]}
    assert len(made) == 40 * 39 // 2
    assert key_of(keys[0], keys[1]) == key_of(keys[1], keys[0])


def test_a_process_has_room_for_its_decisions() -> None:
    assert STREAMS_PER_PROCESS == 256, "changing it changes every result"


def uniformity(u: np.ndarray) -> float:
    """The smallest p-value of mean, variance and 100 equal bins, times three."""
    n = len(u)
    mean = 2.0 * stats.norm.sf(abs(u.mean() - 0.5) * math.sqrt(12.0 * n))
    variance = 2.0 * stats.norm.sf(abs(((u - 0.5) ** 2).mean() - 1.0 / 12.0) * math.sqrt(180.0 * n))
    bins = stats.chisquare(np.bincount(np.minimum(99, (u * 100).astype(int)), minlength=100)).pvalue
    return float(min(1.0, 3.0 * min(mean, variance, bins)))
