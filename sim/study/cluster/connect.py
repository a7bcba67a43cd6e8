"""From the name of a cluster to an executor: connects, starts jobs where asked, and turns away wrong workers."""

from __future__ import annotations

import logging
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from sim._util.signals import handlers_kept
from sim.study.cluster.batches import PATIENCE, Batches, refused
from sim.study.cluster.spec import ClusterError, Jobs, Spec, Tls
from sim.study.cluster.worker import Packed, difference, same, versions
from sim.study.executor import TaskResults, Work

if TYPE_CHECKING:
    from distributed import Client, Security

LOOPBACK = "127.0.0.1"  # where anything that is started here listens, unless a network is named
CONNECT = 15.0  # s
FIRST_WORKER = 60.0  # s until the first worker must be there, where jobs do not have to wait for their turn
CLASSES = {
    "slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster",
    "htcondor": "HTCondorCluster", "moab": "MoabCluster", "oar": "OARCluster", "local": "LocalCluster",
}  # fmt: skip
ACCOUNT = {"slurm": "account", "pbs": "account", "moab": "account"}  # "project" elsewhere
NAMES = {"directives": "job_extra_directives", "prologue": "job_script_prologue"}

T = TypeVar("T")
R = TypeVar("R")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Cluster:
    """An executor: the workers of a Dask scheduler.  They may come and go while it runs."""

    client: Client
    name: str
    patience: float = PATIENCE  # s without any worker
    remote: ClassVar[bool] = True

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> TaskResults[T, R]:
        """Each task once, with what became of it.  ClusterError where the cluster is gone or must not be used."""
        if not tasks:
            return
        packed = Packed.of(work)
        # retries without end: it is lost only with the last worker that has it
        sent = self.client.submit(same, packed, key=f"minusim-work-{packed.digest}", retries=1_000)
        with closing(Batches(self.client, self.name, sent, deque(tasks), self.patience).results()) as ended:
            yield from ended

    def check(self) -> None:
        """ClusterError where a worker has another version of the model or none."""
        found = self.client.run(versions, on_error="return")
        for worker, own in sorted(found.items()):
            if not isinstance(own, dict):
                raise ClusterError(f"{self.name}: {worker} cannot run minusim: {type(own).__name__}: {own}")
            differing = difference(own, versions())
            if differing:
                raise ClusterError(f"{self.name}: {refused(worker, differing)}")


@contextmanager
def opened(spec: Spec, say: Say) -> Iterator[Cluster]:
    """A cluster that is ready: at least one worker is there.  ClusterError in one line where none can be had.

    ``say`` is told where to watch it, and what is waited for.
    """
    _needed("distributed")
    if spec.address is not None and spec.tls is None and not is_loopback(spec.address):
        say(f"{spec.name}: no tls: whoever reaches it, or answers in its place, can run code as you")
    with _quiet(), _started(spec, say) as cluster, _client(spec, cluster) as client:
        _watch(client, spec, say)
        patience = float("inf") if spec.jobs else PATIENCE  # jobs wait for their turn
        _wait_for_worker(client, spec)
        ready = Cluster(client, spec.name, patience)
        ready.check()
        yield ready


def is_loopback(address: str) -> bool:
    """Whether ``tcp://HOST:PORT`` is on this machine."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _needed(module: str) -> Any:
    try:
        with handlers_kept():  # dask_jobqueue makes Ctrl-C end the process without a word
            return import_module(module)
    except ModuleNotFoundError as missing:
        raise ClusterError(f"--cluster needs {missing.name}: pip install 'minusim[cluster]'") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the log of Dask on stderr; problems are reported in one line."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _started(spec: Spec, say: Say) -> Iterator[Any]:
    """A scheduler of our own whose workers are jobs; None where one runs already."""
    if spec.jobs is None:
        yield None
        return
    module = _needed("dask_jobqueue.local" if spec.jobs.system == "local" else "dask_jobqueue")
    kind = getattr(module, CLASSES[spec.jobs.system])
    _can_submit(kind, spec)
    try:
        made = kind(**_options(spec.jobs), security=_security(spec.tls))
    except Exception as problem:
        raise ClusterError(f"{spec.name}: {_reason(problem)}") from None
    with made as cluster:
        if spec.tls is None and spec.jobs.interface:
            say(f"{spec.name}: no tls: whoever reaches {cluster.scheduler_address} can run code as you")
        cluster.scale(jobs=spec.jobs.jobs)
        say(f"Jobs asked of {spec.jobs.system}: {spec.jobs.jobs}; work begins with the first.")
        yield cluster


def _can_submit(kind: Any, spec: Spec) -> None:
    command = getattr(kind.job_cls, "submit_command", None)
    if command and shutil.which(command.split()[0]) is None:
        raise ClusterError(f"{spec.name}: system: {command.split()[0]} is not found here; go where jobs are submitted")


def _options(jobs: Jobs) -> Mapping[str, Any]:
    names = {**NAMES, "account": ACCOUNT.get(jobs.system, "project")}
    place = {"interface": jobs.interface} if jobs.interface else {"host": LOOPBACK}
    return {
        "cores": jobs.cores,
        "processes": jobs.processes,
        "memory": jobs.memory,
        "interface": jobs.interface,
        "scheduler_options": {**place, "dashboard_address": f"{LOOPBACK}:0"},
        **{names.get(key, key): value for key, value in jobs.options.items()},
    }


def _security(tls: Tls | None) -> Security | None:
    if tls is None:
        return None
    from distributed import Security

    pair = {f"tls_{role}_{part}": str(getattr(tls, part)) for role in ("client", "scheduler", "worker") for part in
            ("cert", "key")}  # fmt: skip
    return Security(tls_ca_file=str(tls.ca), require_encryption=True, **pair)


@contextmanager
def _client(spec: Spec, cluster: Any) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(cluster or spec.address, timeout=CONNECT, security=_security(spec.tls), set_as_default=False)
    except Exception as problem:
        raise ClusterError(
            f"{spec.name}: no scheduler answers there within {CONNECT:g} s: {_reason(problem)}"
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=5)


def _watch(client: Client, spec: Spec, say: Say) -> None:
    port = client.scheduler_info()["services"].get("dashboard")
    if port is None:
        say("Connected; this scheduler has no dashboard.")
    elif spec.jobs:
        say(f"Watch the cluster: http://{LOOPBACK}:{port}/status (from this machine)")
    else:
        say(f"Watch the cluster: {client.dashboard_link}")


def _wait_for_worker(client: Client, spec: Spec) -> None:
    try:
        client.wait_for_workers(1, timeout=None if spec.jobs else FIRST_WORKER)
    except TimeoutError:
        address = client.scheduler.address if client.scheduler else spec.name
        raise ClusterError(f"{spec.name}: has no workers; start one: dask worker --nthreads 1 {address}") from None


def _reason(problem: BaseException) -> str:
    text = str(problem).strip().splitlines()
    return text[-1] if text else type(problem).__name__
