"""The text of a validation report comes from the catalogue: English and French say the same numbers."""

import re
from functools import partial

import pytest

from sim.present import validation_report as report
from sim.present.locale import Locale
from sim.present.validation_report import WORDS, Validation
from sim.validation.power import record_tests
from tests.test_validation_report import views


def test_the_text_is_whole_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "record_tests", partial(record_tests, simulations=3))
    found = Validation(views(1), views(2), None)
    tables = found.tables()
    monkeypatch.setattr(Validation, "tables", lambda _: tables)
    english, french = found.text(), found.text(Locale("fr"))
    assert english.startswith("Training, July 2013 to December 2018: CRPS")
    assert french.startswith("Calage, juillet 2013 à décembre 2018")
    numbers = [re.findall("[0-9]+", text.replace(",", ".")) for text in (english, french)]
    assert len(numbers[0]) > 60
    assert numbers[0] == numbers[1]
    said = {
        series.replace("_", " ") for name in ("training", "validation") for series in tables[f"scores_{name}"].series
    }
    said |= {str(word).replace("_", " ") for word in tables["scores_training"].model_is.dropna()}
    assert said <= {*WORDS, ""}
    assert not [word for word in WORDS if not Locale("fr").knows(word)]
