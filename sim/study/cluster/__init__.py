"""Work on the workers of a Dask scheduler: one that runs already, or one of our own with jobs of a batch system."""

from sim.study.cluster.connect import Cluster, opened
from sim.study.cluster.spec import ClusterError, Spec, spec_of

__all__ = ["Cluster", "ClusterError", "Spec", "opened", "spec_of"]
