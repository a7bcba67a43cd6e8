"""What a plan computes for all days or places at once, against the rule for one day or place."""

import subprocess
import sys
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from sim.missions import load_mission, packaged_missions
from sim.model.plan import levels
from sim.model.world import _shortest, build
from sim.scenario import load
from tests.minusma import MISSION


@pytest.mark.parametrize("name", MISSION.scenarios())
def test_levels_are_those_of_each_day(name):
    clock = MISSION.clock
    for episode in [episode for episodes in load(name).measures.values() for episode in episodes]:
        # a margin, because a path holds before its first date and after its last
        first, last = clock.day_index(episode.start) - 40, clock.day_index(episode.end) + 40
        by_day = [episode.level.at(clock.date_of(day)) for day in range(first, last)]
        assert np.array_equal(levels(episode, slice(first, last), clock), by_day)


@pytest.mark.parametrize("name", packaged_missions())
def test_ways_between_all_towns_are_the_shortest(name):
    mission = load_mission(name)
    graph, roads = nx.Graph(), {}
    for row in mission.rows("corridors"):
        a, b, km = row["from_town"], row["to_town"], float(row["km"])
        graph.add_edge(a, b, weight=km)
        roads.setdefault(a, {})[b] = roads.setdefault(b, {})[a] = km
    known = dict(nx.all_pairs_dijkstra_path_length(graph))
    for start, reached in known.items():
        for end, km in reached.items():
            way = _shortest(roads, start, end)
            assert (way[0], way[-1]) == (start, end)
            assert sum(roads[a][b] for a, b in pairwise(way)) == pytest.approx(km)
    with pytest.raises(ValueError, match="no corridor leads"):
        _shortest(roads, next(iter(known)), "nowhere")


def test_a_world_is_made_once_for_a_mission_and_a_cell_size():
    assert build(MISSION, 0.5) is build(MISSION, 0.5)


def test_a_plan_is_made_without_pandas():
    code = (
        "import sys\n"
        "from sim.model.plan import Plan\n"
        "from sim.scenario import load\n"
        "Plan.build(load('quickstart'))\n"
        "print([name for name in ('pandas', 'networkx') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
