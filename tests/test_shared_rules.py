"""Shared rules against numbers worked out by hand, where a history says too little: edges, columns of draws, keys."""

import hashlib
import math
from types import SimpleNamespace as Table

import numpy as np
import pytest

from sim.model.conflict import (
    cause_of,
    device_found,
    die_in_camp,
    kill_civilians,
    lose_forces,
    provocation,
    trend,
    unit_struck,
    will_to_attack_mission,
)
from sim.model.kernels import binomial_inverse, heavy_tailed_count, normal_inverse, poisson_inverse
from sim.model.processes.casualties import dead_by, minutes_to_help
from sim.model.recorder import E_BASE, E_CELL, E_DAY, E_KEY, E_TACTIC, E_UN_OTHER, E_UNIT, EVENT_FIELDS, record
from sim.model.streams import (
    child_key,
    entity_key,
    first_uniforms,
    first_uniforms_of_trips,
    pair_key,
    run_key,
    uniforms,
)
from sim.model.tables import (
    B_PEOPLE_KILLED,
    B_TROOPS_DIED,
    BALANCE,
    ISLAMIC_STATE,
    JIHADIST,
    PLATFORM,
    SELF_DEFENCE,
    SIGNATORY,
)
from tests.engine_support import plain
from tests.reference import draws

KEY, ENTITY = run_key(5, 3), entity_key("band", "77")


# Draws and keys


def test_uniforms_are_the_words_of_a_block_at_the_middle_of_their_steps() -> None:
    words = draws.philox(int(ENTITY) & draws.LOW, int(ENTITY) >> 32, 31, 4097, int(KEY) & draws.LOW, int(KEY) >> 32)
    assert plain(uniforms)(KEY, ENTITY, 31, 4097) == tuple((word + 0.5) / 2**32 for word in words)


def test_keys_of_children_and_pairs_are_those_of_the_readable_model() -> None:
    other = entity_key("band", "78")
    assert int(plain(child_key)(ENTITY, 7680, 3)) == draws.child_key(int(ENTITY), 7680, 3)
    assert int(plain(pair_key)(ENTITY, other)) == draws.pair_key(int(other), int(ENTITY))


def test_keys_of_runs_and_standing_entities_are_digests_of_their_names() -> None:
    for key, text in ((run_key(0), b"run:0:0"), (run_key(7, 2), b"run:7:2"), (entity_key("base", "Gao"), b"base:Gao")):
        assert int(key) == int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def test_a_column_of_draws_is_the_first_of_each_entity() -> None:
    entities = np.array([entity_key("cell", str(n)) for n in range(5)])
    chance = np.zeros(5)
    plain(first_uniforms)(KEY, entities, 12, 2560, chance)
    assert chance.tolist() == [plain(uniforms)(KEY, entity, 12, 2560)[0] for entity in entities]


def test_trips_draw_at_clocks_of_their_own_and_only_those_of_today() -> None:
    keys, clocks = np.array([entity_key("unit", str(n)) for n in range(4)]), np.array([3, 9, 1500, 4])
    chance = np.full(4, -1.0)
    plain(first_uniforms_of_trips)(KEY, keys, clocks, 3584, np.array([3]), chance)
    expected = [plain(uniforms)(KEY, key, clock, 3584)[0] for key, clock in zip(keys, clocks, strict=True)]
    assert chance.tolist() == [*expected[:3], -1.0]


# Counts at their edges


def test_a_draw_at_a_step_of_a_distribution_gives_the_lower_count() -> None:
    step = math.exp(math.log1p(-0.5))
    assert [plain(binomial_inverse)(u, 1, 0.5) for u in (step, math.nextafter(step, 1.0))] == [0, 1]


def test_a_count_ends_although_rounding_keeps_its_sum_below_the_draw() -> None:
    assert plain(poisson_inverse)(1.0 + 1e-9, 59.0) == 1000


def test_counts_at_the_edges_of_their_approximations() -> None:
    poisson, binomial, normal = plain(poisson_inverse), plain(binomial_inverse), plain(normal_inverse)
    assert poisson(1.0 - 1e-16, 1e-9) == 1
    assert poisson(0.5, 60.0) == 60
    assert poisson(1e-12, 61.0) == max(0, math.floor(61.0 + math.sqrt(61.0) * normal(1e-12) + 0.5))
    assert [binomial(u, 3, 0.5) for u in (0.1249, 0.1251, 0.4999, 0.5001, 0.8749, 0.8751)] == [0, 1, 1, 2, 2, 3]
    assert binomial(0.5, 1000, 0.4) == 400
    assert [binomial(0.5, trials, 0.5) for trials in (0, -1)] == [0, 0]
    assert binomial(1.0 - 1e-15, 200, 0.6) <= 200


def test_heavy_tailed_counts_start_at_nothing() -> None:
    heavy = plain(heavy_tailed_count)
    assert [heavy(0.5, scale, 1.0) for scale in (-1.0, 0.0, 0.5, 0.99, 1.01, 2.5)] == [0, 0, 0, 0, 1, 2]


# Trend, will, provocation


def test_a_trend_compounds_by_the_days_that_it_has_run() -> None:
    rule, year = plain(trend), 365.25
    assert rule(0.2, 0) == rule(0.0, 900) == 1.0
    assert rule(0.2, 100) == pytest.approx(math.exp(0.2 * 100 / year), rel=1e-14)


def test_who_wants_to_attack_the_mission() -> None:
    will = plain(will_to_attack_mission)
    families = (JIHADIST, ISLAMIC_STATE, SIGNATORY, SELF_DEFENCE, PLATFORM, 99)
    assert [will(family, 1.5, 0.4, 0.1) for family in families] == [1.5, 1.5 * 0.4, 0.1, 0.1, 0.1, 0.0]


def test_provocation_has_a_limit_and_both_signs() -> None:
    rule = plain(provocation)
    assert rule(0.5, 2.0, 3.0, 0.2, 0.5) == pytest.approx(math.exp(1.0) * 1.1)
    assert rule(-0.5, 9.0, 3.0, 0.0, 1.0) == pytest.approx(math.exp(-1.5))


# Victims


def residents() -> tuple[Table, Table, Table]:
    """Cells, communities, recorder: cell 0 has no community, cell 1 three with 4, 0 and 5 at home."""
    communities = Table(population=np.array([5, 2, 5]), displaced=np.array([1, 2, 0]), losses=np.zeros(3, np.int64))
    recorder = Table(balance=np.zeros(len(BALANCE), np.int64))
    return Table(first=np.array([0, 0]), last=np.array([0, 3])), communities, recorder


@pytest.mark.parametrize(
    ("number", "u", "left"),
    [(3, 0.0, [2, 2, 5]), (6, 0.0, [1, 2, 3]), (3, 0.5, [5, 2, 2]), (7, 0.99, [3, 2, 0]), (20, 0.4, [1, 2, 0])],
)
def test_people_are_killed_at_home_from_a_drawn_community_on(number: int, u: float, left: list[int]) -> None:
    cells, communities, recorder = residents()
    dead = plain(kill_civilians)(1, number, u, cells, communities, recorder)
    assert communities.population.tolist() == left
    assert dead == communities.losses.sum() == recorder.balance[B_PEOPLE_KILLED] == 12 - sum(left)


def test_nobody_is_killed_where_nobody_lives() -> None:
    assert plain(kill_civilians)(0, 5, 0.5, *residents()) == 0


def test_soldiers_fall_in_their_cell_on_their_side_in_order() -> None:
    kind, cell = np.array([0, 1, 2, 0, 0]), np.array([7, 7, 7, 8, 7])
    strength = np.array([3, 9, 9, 9, 4])
    nationals = Table(kind=kind, cell=cell, strength=strength)
    assert plain(lose_forces)(7, 5, True, nationals) == 5
    assert strength.tolist() == [0, 9, 9, 9, 2]
    assert plain(lose_forces)(7, 30, False, nationals) == 18
    assert strength.tolist() == [0, 0, 0, 9, 2]


@pytest.mark.parametrize(("u", "struck"), [(0.0, 1), (0.19, 1), (0.21, 3), (0.99, 3)])
def test_a_unit_is_struck_in_proportion_to_its_strength(u: float, struck: int) -> None:
    units = Table(base=np.array([0, 2, 2, 2]), strength=np.array([9, 1, 0, 4]))
    assert plain(unit_struck)(u, 2, 5, units) == struck
    assert plain(unit_struck)(1.0, 2, 6, units) == 3, "the last, where a count says too much"
    assert plain(unit_struck)(u, 1, 0, units) == -1


@pytest.mark.parametrize(("people", "dead"), [([1, 0], 1), ([0, 1], 1), ([0, 0], 0)])
def test_the_last_of_a_base_can_die_in_camp(people: list[int], dead: int) -> None:
    strength, base_strength = np.array(people), np.array([sum(people)])
    events, count, balance = np.zeros((3, len(EVENT_FIELDS)), np.int64), np.zeros(1, np.int64), np.zeros(len(BALANCE))
    nought = np.zeros(2, np.int64)
    bases = Table(key=np.array([ENTITY]), cell=nought, region=nought, strength=base_strength)
    units = Table(base=nought, strength=strength, escorting=nought, clearing=nought)
    recorder = Table(events=events, event_count=count, balance=balance)
    plain(die_in_camp)(5, 10, 1e6, bases, units, Table(family=nought), recorder, KEY, 512, 7)
    assert (strength.sum(), base_strength[0], count[0]) == (0, 0, dead)
    assert balance[B_TROOPS_DIED] == events[0, E_UN_OTHER] == dead
    assert events[0, E_UNIT] == (people.index(1) if dead else 0)


def test_finds_are_noted_for_the_band_that_still_exists() -> None:
    found, owner = np.zeros(3, np.int64), np.array([2, -1, 0])
    keys, owners = np.array([5, 6, 7], np.uint64), np.array([7, 7, 9], np.uint64)
    cells, bands = Table(owner=owner, owner_key=owners), Table(key=keys, found=found)
    for cell in range(3):
        plain(device_found)(cell, 4, cells, bands)
    assert found.tolist() == [0, 0, 4]


# Events


def test_a_new_event_is_empty_but_for_what_it_is() -> None:
    events, count = np.full((3, len(EVENT_FIELDS)), 9), np.array([1])
    row = plain(record)(Table(events=events, event_count=count), 12, 3, 2, 1, 5, 4, 6, np.uint64(2**64 - 2))
    assert (row, count[0]) == (1, 2)
    said = {E_DAY: 12, E_CELL: 3, E_KEY: -2, E_BASE: -1, E_UNIT: -1, E_TACTIC: 5}
    assert {field: events[1, field] for field in said} == said
    assert sorted(events[1].tolist()) == sorted([12, 3, 2, 1, 5, 4, 6, -2, -1, -1, *[0] * (len(EVENT_FIELDS) - 10)])
    assert (events[[0, 2]] == 9).all()


def test_what_does_not_fit_shares_the_last_row() -> None:
    events, count = np.zeros((3, len(EVENT_FIELDS)), np.int64), np.zeros(1, np.int64)
    rows = [
        plain(record)(Table(events=events, event_count=count), day, 0, 0, 1, 5, 4, 6, np.uint64(1))
        for day in (4, 5, 6, 7)
    ]
    assert (rows, count[0], events[:, E_DAY].tolist()) == ([0, 1, 2, 2], 2, [4, 5, 7])


def test_the_second_event_of_a_cause_has_a_key_of_its_own() -> None:
    events = np.zeros((6, len(EVENT_FIELDS)), np.int64)
    events[:, E_KEY], events[:, E_CELL], events[:, E_TACTIC] = (
        (8, 8, 8, 9, 8, 8),
        (1, 1, 2, 1, 1, 1),
        (3, 3, 3, 3, 4, 3),
    )
    recorder = Table(events=events, event_today=np.array([1]))
    causes = [int(plain(cause_of)(row, 99, recorder)) for row in range(1, 6)]
    assert causes == [8, 8, 9, 8, draws.child_key(8, 99, 1)]
    recorder.event_today[0] = 0
    assert int(plain(cause_of)(5, 99, recorder)) == draws.child_key(8, 99, 2)


# Time to help


@pytest.mark.parametrize(
    ("minutes", "share"),
    [(0.0, 0.5), (5.0, 0.55), (10.0, 0.6), (35.0, 0.7), (60.0, 0.8), (90.0, 0.85), (119.5, 0.8991667), (120.0, 0.9),
     (150.0, 0.925), (180.0, 0.95), (240.0, 1.0), (500.0, 1.0)],
)  # fmt: skip
def test_the_deadly_wounded_die_along_published_points(minutes: float, share: float) -> None:
    assert plain(dead_by)(minutes, 0.5, 0.6, 0.8, 0.9, 240.0) == pytest.approx(share, abs=1e-7)


def test_help_comes_the_faster_way_where_flights_are_allowed() -> None:
    assert [plain(minutes_to_help)(40.0, 100.0, allowed) for allowed in (0.0, 0.25, 1.0)] == [100.0, 85.0, 40.0]
    assert plain(minutes_to_help)(140.0, 100.0, 1.0) == 100.0
