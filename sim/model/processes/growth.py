"""The population grows by its natural rate."""

from sim.model.kernels import kernel
from sim.model.streams import uniform
from sim.model.tables import B_BORN


@kernel
def growth(
    cell_region, region_growth, community_key, community_home, community_population, day_of_month, balance,
    key, stream, day,
):  # fmt: skip
    """Every month each community gains its region's natural growth, whole persons only.

    Source: geometric growth between the censuses of 2009 and 2022, by region.
    """
    if day_of_month[day] != 1:
        return
    for m in range(community_key.shape[0]):
        expected = community_population[m] * region_growth[cell_region[community_home[m]]]
        born = int(expected + uniform(key, community_key[m], day, stream))
        community_population[m] += born
        balance[B_BORN] += born
