"""The population grows by its natural rate."""

from sim.model.kernels import kernel
from sim.model.streams import uniform
from sim.model.tables import B_BORN


@kernel
def growth(daily, cells, regions, communities, recorder, key, stream, day):
    """Every month each community gains its region's natural growth, whole persons only.

    Source: geometric growth between the censuses of 2009 and 2022, by region.
    """
    if daily.day_of_month[day] != 1:
        return
    for m in range(communities.key.shape[0]):
        expected = communities.population[m] * regions.growth[cells.region[communities.home[m]]]
        born = int(expected + uniform(key, communities.key[m], day, stream))
        communities.population[m] += born
        recorder.balance[B_BORN] += born
