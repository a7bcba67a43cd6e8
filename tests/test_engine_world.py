"""The map: lattice, neighbours, roads against the packaged tables and quoted distances, patrol areas, refuges."""

from itertools import pairwise
from math import cos, hypot, radians

import numpy as np
import pytest

from sim.model.world import KM_PER_DEGREE, World, build
from tests.minusma import MISSION, REGIONS, table

FINER = (0.25, 0.1)
# road kilometres as quoted: journaldumali.com, kewoulo.info, minusma.unmissions.org, officetourismemali.com
QUOTED_KM = {"Gao": 573, "Kidal": 352, "Ber": 57, "Mopti": 646, "Menaka": 300}


@pytest.fixture(scope="module")
def world() -> World:
    return build(MISSION)


@pytest.fixture(scope="module", params=FINER)
def finer(request: pytest.FixtureRequest) -> World:
    return build(MISSION, request.param)


def route(world: World, base: str) -> tuple[np.ndarray, np.ndarray]:
    """Cells and kilometres of the supply route of a base."""
    b = world.bases.index(base)
    rows = slice(world.routes.first[b], world.routes.last[b])
    return world.routes.cell[rows], world.routes.km[rows]


def beside(world: World, a: int, b: int) -> bool:
    return a == b or b in world.cells.neighbour[a]


def test_cells_are_those_of_prio_grid(world: World) -> None:
    cells = table("cells").sort_values("gid")
    assert np.array_equal(world.cells.gid, cells["gid"])
    row, col = (world.cells.lat + 90.25) / 0.5, (world.cells.lon + 180.25) / 0.5
    assert np.array_equal(world.cells.gid, (np.rint(row) - 1) * 720 + np.rint(col)), "gid = (row - 1) x 720 + column"
    assert np.allclose(world.cells.lat, cells["lat"])
    assert np.allclose(world.cells.lon, cells["lon"])
    assert [REGIONS[r] for r in world.cells.region] == list(cells["region"])


def test_people_add_up_by_region(world: World) -> None:
    totals = table("population_region").query("year == 2013").set_index("region")["population"]
    for r, name in enumerate(REGIONS):
        assert world.cells.population[world.cells.region == r].sum() == pytest.approx(totals[name])


def test_neighbours_are_adjacent_and_mutual(world: World) -> None:
    for c, around in enumerate(world.cells.neighbour):
        near = around[around >= 0]
        assert len(set(near)) == len(near)
        assert c not in near
        assert all(c in world.cells.neighbour[other] for other in near)
        assert np.abs(world.cells.lat[near] - world.cells.lat[c]).max() <= 0.5
        assert np.abs(world.cells.lon[near] - world.cells.lon[c]).max() <= 0.5


def test_every_cell_can_be_reached_from_bamako(world: World) -> None:
    reached, edge = {0}, [0]
    while edge:
        around = world.cells.neighbour[edge.pop()]
        new = [int(c) for c in around[around >= 0] if int(c) not in reached]
        reached.update(new)
        edge += new
    assert len(reached) == len(world.cells.gid)


def test_bases_lie_in_their_region_and_cell(world: World) -> None:
    facts = table("bases")
    assert world.bases == tuple(facts["base"])
    assert np.array_equal(world.cells.gid[world.base_cell], facts["gid"])
    assert [REGIONS[r] for r in world.base_region] == list(facts["region"])
    assert np.array_equal(world.base_region, world.cells.region[world.base_cell])


def test_hubs_lead_to_bamako(world: World) -> None:
    for b in range(len(world.bases)):
        way = [b]
        while world.base_hub[way[-1]] >= 0:
            way.append(int(world.base_hub[way[-1]]))
            assert len(way) <= len(world.bases), "a loop of hubs"
        assert world.bases[way[-1]] == "Bamako"


def test_routes_go_from_hub_to_base_without_a_gap(world: World) -> None:
    check_routes(world)


def test_routes_are_whole_on_finer_lattices(finer: World) -> None:
    check_routes(finer)


def check_routes(world: World) -> None:
    for b, name in enumerate(world.bases):
        cells, km = route(world, name)
        assert all(beside(world, a, c) for a, c in pairwise(cells)), name
        assert beside(world, world.base_cell[b], cells[-1]), f"{name}: the road ends elsewhere"
        assert world.base_hub[b] < 0 or beside(world, world.base_cell[world.base_hub[b]], cells[0]), name
        assert km.min() > 0.0


@pytest.mark.parametrize(("base", "quoted"), QUOTED_KM.items())
def test_routes_are_about_as_long_as_quoted(world: World, base: str, quoted: float) -> None:
    assert route(world, base)[1].sum() == pytest.approx(quoted, rel=0.25)


@pytest.mark.parametrize("base", [name for name in table("bases")["base"] if name != "Bamako"])
def test_a_route_is_as_long_on_any_lattice(world: World, finer: World, base: str) -> None:
    assert route(finer, base)[1].sum() == pytest.approx(route(world, base)[1].sum(), rel=0.01)


def test_roads_are_in_the_cells_of_the_packaged_table(world: World) -> None:
    """Two traces of the same straight segments: ours by sampling every kilometre, the table's exact."""
    facts = table("corridor_cells").groupby("gid")["km"].sum()
    traced = dict(zip(world.cells.gid.tolist(), world.cells.road_km.tolist(), strict=True))
    inside = facts[facts.index.isin(traced)]
    away = np.array([abs(traced[gid] - km) for gid, km in inside.items()])
    assert sum(traced.values()) == pytest.approx(table("corridors")["km"].sum(), rel=1e-6)
    assert away.mean() < 1.0
    assert {gid for gid, km in traced.items() if km > 5.0} <= set(facts.index)
    assert {gid for gid, km in inside.items() if km > 5.0} <= {gid for gid, km in traced.items() if km > 0.0}


def test_paved_shares_follow_the_surface_of_the_corridor(world: World) -> None:
    assert set(np.unique(world.routes.paved)) <= {0.0, 1.0}
    assert route_paved(world, "Gao").min() == 1.0
    assert route_paved(world, "Kidal").max() == 0.0


def route_paved(world: World, base: str) -> np.ndarray:
    b = world.bases.index(base)
    return world.routes.paved[world.routes.first[b] : world.routes.last[b]]


def test_rings_hold_exactly_the_cells_within_patrol_range(world: World) -> None:
    for b, here in enumerate(world.base_cell):
        rows = slice(world.rings.first[b], world.rings.last[b])
        scale = cos(radians(world.cells.lat[here]))
        away = [
            KM_PER_DEGREE * hypot(lat - world.cells.lat[here], (lon - world.cells.lon[here]) * scale)
            for lat, lon in zip(world.cells.lat, world.cells.lon, strict=True)
        ]
        assert world.rings.cell[rows].tolist() == [c for c, km in enumerate(away) if km <= 110.0]
        assert world.rings.km[rows].max() <= 110.0
        assert here in world.rings.cell[rows]


def test_near_bases_are_in_the_cell_or_beside_it(world: World) -> None:
    for c, b in enumerate(world.near_base):
        assert b < 0 or beside(world, c, world.base_cell[b])
    assert np.array_equal(world.near_base[world.base_cell], np.arange(len(world.bases)))
    assert (world.near_base >= 0).sum() > 50


def test_rescue_is_at_hand_where_there_is_a_hospital(world: World) -> None:
    facts = table("bases")
    equipped = ((facts["hospital"] == 1) & (facts["helicopters"] == 1)).to_numpy()
    assert np.all(world.rescue_km[equipped] == 0.0)
    assert np.all((world.rescue_km[~equipped] > 20.0) & (world.rescue_km[~equipped] < 300.0))


def test_people_flee_to_the_nearest_other_town(world: World) -> None:
    assert np.all(world.refuge != np.arange(len(world.refuge)))
    assert world.cells.town[world.refuge].min() >= 15_000
    towns = np.flatnonzero(world.cells.town >= 15_000)
    for c in range(0, len(world.refuge), 7):
        scale = np.cos(np.radians(world.cells.lat[c]))
        away = np.hypot(
            world.cells.lat[towns] - world.cells.lat[c], (world.cells.lon[towns] - world.cells.lon[c]) * scale
        )
        nearest = away[towns != c].min()
        assert away[towns == world.refuge[c]][0] == pytest.approx(nearest)


def test_every_named_town_lies_in_the_country(world: World, finer: World) -> None:
    for one in (world, finer):
        assert min(one.towns.values()) >= 0
        assert one.base_cell.min() >= 0
        assert one.routes.cell.min() >= 0


def test_finer_lattices_nest_and_keep_their_people(world: World, finer: World) -> None:
    parts = round((0.5 / finer.degrees) ** 2)
    parent = finer.cells.gid // 100
    assert np.array_equal(np.unique(parent, return_counts=True)[1], np.full(len(world.cells.gid), parts))
    assert np.array_equal(np.unique(parent), world.cells.gid)
    at = {int(gid): n for n, gid in enumerate(world.cells.gid)}
    of = np.array([at[int(gid)] for gid in parent])
    assert np.allclose(np.bincount(of, finer.cells.population), world.cells.population)
    assert np.bincount(of, finer.cells.town) == pytest.approx(world.cells.town)
    assert np.array_equal(finer.cells.region, world.cells.region[of])
    assert np.abs(finer.cells.lat - world.cells.lat[of]).max() < 0.25
    assert np.abs(finer.cells.lon - world.cells.lon[of]).max() < 0.25
    assert finer.cells.population.min() >= 0.0


def test_finer_cells_have_neighbours_of_their_own_size(finer: World) -> None:
    inner = finer.cells.neighbour.min(axis=1) >= 0
    around = finer.cells.neighbour[inner]
    assert np.abs(finer.cells.lat[around] - finer.cells.lat[inner][:, None]).max() == pytest.approx(finer.degrees)
    assert all(
        c in finer.cells.neighbour[n] for c in range(0, len(around), 97) for n in finer.cells.neighbour[c] if n >= 0
    )


def test_a_world_is_built_once(world: World) -> None:
    assert build(MISSION, 0.5) is build(MISSION, 0.5)
    assert world.cell_index[int(world.cells.gid[17])] == 17
