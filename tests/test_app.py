"""The browser view without a browser: policies, addresses, runs, animations, the guard, the texts."""

import asyncio
import gzip
import json
import re
import socket
import struct
import threading
from concurrent.futures import CancelledError
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sim
from sim.app import animation
from sim.app import replication_stream as runs
from sim.app.in_memory_study import Histories
from sim.app.initial_state import FILE, first_case, provenance
from sim.app.policy import FIRST, OFF, SECOND, Policy, composed, first_policies, overrides
from sim.app.policy_plans import plan_of
from sim.app.reducers import policies, reduce
from sim.app.replication_stream import run_batch
from sim.app.request_guard import Guard, is_here
from sim.app.scheduler import BATCH, MILESTONES, PAIRS, JobScheduler, ReplicationStream, SchedulerError, _batch_end
from sim.app.server import STATIC
from sim.app.sessions import GRACE, Session, SessionReaper
from sim.app.summary import OUTCOMES, TOO_EARLY, summary
from sim.app.url_state import View, parse, scenario_of, to_query
from sim.app.view_models import answer_words
from sim.cli.main import main
from sim.inference.comparison.differences import difference
from sim.inference.comparison.pairs import Pairs
from sim.present.locale import Locale
from sim.present.page_text import TEXTS, page_texts
from sim.scenario import MEASURES, FrozenMap, ScenarioError
from sim.scenario.inheritance import merge, without
from sim.scenario.layers import Layer
from sim.scenario.scenario import build
from sim.study.collect import collect
from sim.study.executor import Failure
from sim.study.store import Memory
from sim.study.tables import tables
from sim.study.task import Blueprint, draws_of, run_task

LEVELS = FrozenMap({"route_clearance": 0.9, "drills": OFF, "coordination": 0.5, "checkpoints": 8.0})


@pytest.fixture(scope="module")
def case():
    scenario = sim.load("quickstart")
    first, second = first_policies(scenario)
    return composed(scenario, first, Policy(second.variant, LEVELS), 5)


@pytest.fixture(scope="module")
def blueprint(case):
    return Blueprint.build(case)


@pytest.mark.parametrize("name", ["quickstart", "capital_2018", "strategy_2022"])
def test_what_is_composed_is_what_its_file_says(name):
    """Two sliders in a row: the policy that nobody touched is not made again, and nothing of it is missing."""
    scenario = sim.load(name)
    first, second = first_policies(scenario)
    for policy in (second, second.set("drills", OFF), second.set("patrols", 9.0)):
        case = composed(scenario, first, policy, 5)
        said = {FIRST: overrides(scenario, first), SECOND: overrides(scenario, policy)}
        over = Layer({"seed": 5, "baseline": FIRST, "variants": said}, {})
        written = build(merge(without(scenario.layer, "variants", "baseline", "seed"), over), scenario.name)
        assert (case, case.hash, case.to_yaml()) == (written, written.hash, written.to_yaml())
        for variant in case.variants:
            ours, theirs = case.variant(variant), written.variant(variant)
            assert (ours, ours.hash, ours.to_yaml()) == (theirs, theirs.hash, theirs.to_yaml())


def test_a_plan_with_other_levers_is_the_plan_of_the_scenario(case, blueprint):
    for name in case.variants:
        own, known = plan_of(case.variant(name)), blueprint.plans[name]
        assert [key for key in known.inputs if not np.array_equal(own.inputs[key], known.inputs[key])] == []
        assert np.array_equal(own.parameters, known.parameters)


@pytest.mark.slow
def test_runs_from_a_kept_first_state_are_those_of_the_study(case, blueprint):
    for number in (0, 1):
        for known in run_task(blueprint, (number, (FIRST, SECOND))):
            (own,) = runs.run_batch(case, known.variant, [number])
            assert np.array_equal(own.kept.totals, known.kept.totals)
            assert np.array_equal(own.kept.monthly, known.kept.monthly)
            assert np.array_equal(own.kept.killed, known.kept.killed)


def test_a_variant_that_changes_more_than_measures_is_planned_whole():
    scenario = sim.load("coup_2020").with_values({"period.end": "2020-09-30"})
    case = composed(scenario, *first_policies(scenario), 1)
    (own,) = runs.run_batch(case, SECOND, [3])
    (known,) = run_task(Blueprint.build(case), (3, (SECOND,)))
    assert np.array_equal(own.kept.monthly, known.kept.monthly)


def test_an_animation_holds_every_event_and_every_day(case):
    parts = [_decoded(gzip.decompress(part)) for part in animation.animation(case, SECOND, 0)]
    model = runs.model_at_period_start(runs.case_of(case, SECOND), 0)
    record = model.run()
    events = np.concatenate([part["events"] for part in parts])
    assert len(events) == len(record.events)
    for name in ("day", "cell", "peacekeepers_killed", "civilians_killed"):
        column = animation.SHOWN.index(name)
        assert np.array_equal(events[:, column], record.events[:, animation.EVENT_FIELDS.index(name)])
    assert sum(len(part["fighters"]) for part in parts) == len(record.ledger)
    assert parts[0]["fighters"].max() > 0
    assert (parts[0]["patrols"] >= 0).any()
    assert len(parts[0]["convoys"]) == parts[0]["convoy_start"][-1] > 0


def _decoded(block):
    (length,) = struct.unpack("<I", block[:4])
    arrays = {}
    for name, known in json.loads(block[4 : 4 + length]).items():
        kind = np.dtype(known["type"]).newbyteorder("<")
        size = int(np.prod(known["shape"]))
        arrays[name] = np.frombuffer(block, kind, size, 4 + length + known["at"]).reshape(known["shape"])
    return arrays


def test_what_is_on_the_screen_is_a_scenario_file(case):
    again = sim.scenario.loads(case.to_yaml(), "saved")
    assert {name: again.variant(name).hash for name in again.variants} == {
        name: case.variant(name).hash for name in case.variants
    }
    assert (again.baseline, again.seed) == (FIRST, 5)


def test_an_address_brings_back_what_it_was_made_of():
    view = View(first=Policy("as_reported"), second=Policy("without_the_five", LEVELS), seed=7, language="fr")
    assert parse(to_query(view)) == view
    fine = View(first=Policy(), second=Policy().set("drills", 0.123456789012345))  # more digits than a slider has
    assert parse(to_query(fine)) == fine
    loaded = View(scenario="mine.yaml", text="extends: quickstart\ntitle: mine\n")
    assert parse("?" + to_query(loaded)) == loaded
    assert scenario_of(parse(to_query(loaded))).title == "mine"


@pytest.mark.parametrize(
    "text",
    ["s=../../etc/passwd", "s=/etc/passwd", "b=drills:99", "b=drills:nan", "b=nothing:1", "seed=-1", "seed=1e3",
     "file=!!", "file=eJw", "b=variant:none"],
)  # fmt: skip
def test_a_wrong_address_is_one_clear_message(text):
    with pytest.raises(ScenarioError) as refused:
        _shown(text)
    assert "\n" not in str(refused.value)


def _shown(text):
    view = parse(text)
    return composed(scenario_of(view), *policies(view), 1)


def test_a_bomb_in_an_address_is_refused():
    with pytest.raises(ScenarioError, match="too long"):
        parse(to_query(View(text="#" * 2_000_000)))


@pytest.mark.parametrize(
    "event",
    [{}, {"do": "level", "measure": "x", "level": 1}, {"do": "level", "measure": "drills", "level": "1"},
     {"do": "level", "measure": "drills", "level": 1e9}, {"do": "level", "measure": "drills", "level": True},
     {"do": "scenario", "name": "/etc/passwd"}, {"do": "seed", "seed": -1}, {"do": "seed", "seed": float("nan")}],
)  # fmt: skip
def test_a_page_cannot_ask_for_the_impossible(event):
    with pytest.raises(ScenarioError):
        reduce(View(), event)


def test_every_measure_can_be_set_to_both_ends_and_off():
    for name, measure in MEASURES.items():
        for level in (measure.minimum, measure.maximum, OFF):
            view = reduce(View(), {"do": "level", "measure": name, "level": level, "policy": "b"})
            other = composed(scenario_of(view), *policies(view), 1).variant(SECOND)
            episodes = other.measures[name]  # some begin only when the programme did
            levels = {float(episode.level.at(episode.start)) for episode in episodes}
            assert levels == (set() if level is OFF else {level}), name


def test_the_packaged_comparison_was_made_by_this_engine():
    known = json.loads(gzip.decompress(FILE.read_bytes()))
    assert known["mark"] == provenance(first_case()), "python -m sim.app.initial_state recomputes it"
    assert known["summary"]["pairs"] == PAIRS


def test_whoever_has_least_is_served_first():
    scheduler = JobScheduler(workers=1)
    given = []
    scheduler._submit = lambda function, *arguments: given.append(arguments) or _Never()
    for name in "abc":
        scheduler._streams[(name, "", 0)] = ReplicationStream(name, FIRST, wanted={1})
    for _ in range(6):
        scheduler._dispatch()
        scheduler._busy = 0
    assert [scenario for scenario, *_ in given] == ["a", "b", "c", "a", "b", "c"]


def test_a_first_answer_comes_before_more_runs_and_more_runs_before_a_second_answer():
    scheduler = JobScheduler(workers=1)
    given = []
    scheduler._busy = 1
    scheduler._submit = lambda function, *arguments: given.append(arguments[0]) or _Never()
    scheduler._streams["a", "", 0] = ReplicationStream("none", FIRST, wanted={1})
    scheduler._streams["b", "", 0] = ReplicationStream("twenty", FIRST, wanted={1}, asked=20)
    for has, name in ((10, "third answer"), (2, "second answer"), (0, "first answer")):
        scheduler._submit_job(has, None, name)
    for _ in range(7):
        scheduler._busy = 0
        scheduler._dispatch()
    assert given == ["first answer", "none", "second answer", "none", "none", "third answer", "none"]


def test_batches_end_with_milestones():
    ends, at = [], 0
    while at < PAIRS:
        at = _batch_end(at)
        ends.append(at)
    assert set(MILESTONES) <= set(ends)
    assert max(np.diff([0, *ends])) <= BATCH


@pytest.mark.parametrize("failing", [(), (1,), (0, 1, 2, 3)])
def test_the_page_says_what_a_study_of_the_same_runs_says(failing):
    case = first_case()
    results = [run for name in (FIRST, SECOND) for run in run_batch(case, name, range(4))]
    results[4:] = [
        replace(run, kept=Failure("run", "Error")) if n in failing else run for n, run in enumerate(results[4:])
    ]
    memory = Memory([])
    hashes = {name: case.variant(name).hash for name in case.variants}
    memory.add(tables(results, hashes, draws_of(case).identity, case.mission.regions))
    study, ours = collect(memory.parts(), case), Histories.of(case, results)
    for name in ("peacekeepers_killed", "effort_person_days"):
        np.testing.assert_array_equal(ours.values(name), study.values(name))
    for name in OUTCOMES:
        np.testing.assert_array_equal(ours.panel(name), study.panel(name))
        np.testing.assert_array_equal(ours.national(name), study.national(name))
    pd.testing.assert_frame_equal(ours.draws, study.draws)
    assert Pairs(ours, SECOND).failed == Pairs(study, SECOND).failed == len(failing)
    said = summary(case, results)
    assert said["pairs"] == 4 - len(failing)
    if said["pairs"]:
        assert {row["verdict"] for row in said["outcomes"].values()} == {TOO_EARLY}
        mean = difference(Pairs(study, SECOND), "civilians_killed").mean
        assert said["outcomes"]["civilians_killed"]["mean"] == pytest.approx(mean, abs=1e-4)
        cells = sum(mean for _, mean in said["cells"][FIRST]["civilians_killed"])
        assert cells * said["pairs"] == pytest.approx(study.values("civilians_killed")[0].sum(), abs=0.1)


def test_a_visitor_is_told_when_runs_fail_and_may_try_once_more(monkeypatch):
    def broken(*_):
        tries.append(_)
        raise MemoryError("no room")

    scheduler, tries = JobScheduler(workers=1), []
    monkeypatch.setattr("sim.app.jobs.run_batch", broken)
    for visit in (1, 2):
        with pytest.raises(SchedulerError, match=r"^these runs failed: MemoryError: no room$"):
            scheduler.watch(first_case(), lambda text: None, threading.Event())
        assert visit <= len(tries) <= 2 * visit


def test_after_shutdown_pending_callers_are_cancelled_and_jobs_rejected(monkeypatch):
    scheduler, begun, go = JobScheduler(workers=1), threading.Event(), threading.Event()
    monkeypatch.setattr("sim.app.jobs.results_zip", lambda *_: begun.set() or go.wait(60))
    ended = []

    def ask():
        with pytest.raises(CancelledError):
            scheduler.download(first_case(), 0)
        ended.append(True)

    callers = [threading.Thread(target=ask) for _ in range(2)]  # one under way, one that waits
    for caller in callers:
        caller.start()
    assert begun.wait(60)
    scheduler.close()
    for caller in callers:
        caller.join(60)
    go.set()
    ask()
    assert ended == [True] * 3
    assert scheduler.watch(first_case(), len, threading.Event()) is None


class _Never:
    def add_done_callback(self, _):
        """It never ends."""


def test_the_idle_are_asked_to_leave_and_then_closed():
    seen = []
    reaper, session = SessionReaper(), Session(lambda: seen.append("asked"), lambda: seen.append("closed"))
    reaper.add(session)
    reaper.sweep(session.touched + 599)
    assert seen == []
    for _ in range(2):
        reaper.sweep(session.touched + 601)
    assert seen == ["asked"]
    session.touch()
    reaper.sweep(session.touched + 601)
    reaper.sweep(session.touched + 601 + GRACE)
    assert seen == ["asked", "asked", "closed"]


@pytest.mark.parametrize(
    ("host", "bound", "ours"),
    [("127.0.0.1:8765", "127.0.0.1", True), ("localhost:1", "127.0.0.1", True), ("[::1]:5", "::1", True),
     ("evil.example:8765", "127.0.0.1", False), ("192.168.1.4:8765", "127.0.0.1", False), ("", "127.0.0.1", False),
     ("evil.example", "0.0.0.0", False), ("192.168.1.4:8765", "0.0.0.0", True), ("[bad", "127.0.0.1", False)],
)  # fmt: skip
def test_only_names_of_this_machine_are_ours(host, bound, ours):
    assert is_here(host, bound) is ours


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_foreign_hosts_and_origins_are_refused(kind):
    home = [(b"host", b"127.0.0.1:9000")]
    assert _answers(kind, home) == "passed"
    assert _answers(kind, [*home, (b"origin", b"http://127.0.0.1:9000")]) == "passed"
    assert _answers(kind, [*home, (b"origin", b"http://evil.example")]) == "refused"
    assert _answers(kind, [*home, (b"origin", b"http://127.0.0.1:9001")]) == "refused"
    assert _answers(kind, [*home, (b"origin", b"null")]) == "refused"
    assert _answers(kind, [(b"host", b"evil.example")]) == "refused"
    assert _answers(kind, [*home, *home]) == "refused"
    assert _answers(kind, []) == "refused"


def _answers(kind, headers):
    passed, sent = [], []

    async def app(scope, receive, send):
        passed.append(scope)

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(app, "127.0.0.1")({"type": kind, "headers": headers}, None, send))
    assert bool(passed) != bool(sent)
    return "passed" if passed else "refused"


def test_every_text_of_the_page_has_its_french():
    english, french = page_texts(Locale("en")), page_texts(Locale("fr"))
    fields = re.compile(r"\{\w+\}")
    for key, text in TEXTS.items():
        assert english[key] == text
        assert Locale("fr").knows(text), text
        assert sorted(fields.findall(text)) == sorted(fields.findall(french[key])), text
    pages = [file.read_text("utf-8") for file in STATIC.parent.glob("*.vue")]
    used = {key for page in pages for key in re.findall(r"\btexts\.(\w+)", page)}
    assert used == english.keys()


def test_the_page_and_a_report_word_a_difference_alike():
    case, view = first_case(), View(language="fr")
    known = {"mean": -3.2, "low": -9.0, "high": 2.0, "chance_low": -39.0, "chance_high": 38.0, "verdict": "cannot tell"}
    known |= {"chance_at_least": False, "baseline_mean": 20.0, "variant_mean": 16.8}
    said = answer_words(case, view, {"pairs": 20, "outcomes": {view.outcome: known}})
    assert "le modèle donne en moyenne 3,2 Casques bleus tués de moins en 2018" in said["answer"]
    assert (
        said["doubt"][0]
        == "Deux simulations d’une même politique peuvent différer, par hasard, d’environ 39 Casques bleus tués."
    )
    assert said["means"] == ["20 en moyenne", "17 en moyenne"]
    english = answer_words(case, View(), {"pairs": 1, "outcomes": {view.outcome: known | {"chance_low": None}}})
    assert english["doubt"][0] == "One pair of runs shows nothing about chance."
    assert answer_words(case, view, {"pairs": 0})["answer"] == "Comparaison en cours …"


def test_a_taken_port_is_one_clear_message(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["app", "--port", str(port)]) == 2
    assert capsys.readouterr().err == f"port {port} is taken; choose another with --port, or 0 for any that is free\n"


def test_a_missing_extra_is_one_clear_message(capsys, monkeypatch):
    monkeypatch.setattr("sim.cli.app.NEEDED", ("solara", "not_there_at_all"))
    assert main(["app"]) == 2
    assert capsys.readouterr().err == "minusim app needs its extra: pip install 'minusim[app]'\n"


def test_other_addresses_than_loopback_are_warned_of(capsys, monkeypatch):
    monkeypatch.setattr("sim.app.server.serve", lambda *_: None)
    assert main(["app", "--port", "0", "--host", "0.0.0.0"]) == 0
    assert "other machines can reach 0.0.0.0" in capsys.readouterr().err
    assert main(["app", "--port", "0"]) == 0
    assert capsys.readouterr().err == ""


def test_a_scenario_file_becomes_part_of_the_address(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("sim.app.server.serve", lambda *_: None)
    (tmp_path / "my.yaml").write_text("extends: quickstart\ntitle: my own\n", encoding="utf-8")
    assert main(["app", "--port", "0", str(tmp_path / "my.yaml")]) == 0
    address = capsys.readouterr().out.split()[0]
    assert scenario_of(parse(address.partition("?")[2])).title == "my own"
