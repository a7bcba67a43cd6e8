"""A small vocabulary, so that tests of scenarios do not depend on the packaged tables."""

from datetime import date

from sim._util.dated import Path
from sim.missions.vocabulary import Base, Lifetime, Range, Vocabulary, Vote
from tests.minusma import REGIONS

FIRST_DAY = date(2013, 7, 1)
WORDS = Vocabulary(
    first_day=date(2013, 7, 1),
    last_day=date(2024, 12, 31),
    regions=REGIONS,
    bases={
        "Bamako": Base("Bamako", FIRST_DAY, None),
        "Gao": Base("Gao", FIRST_DAY, None),
        "Ansongo": Base("Gao", FIRST_DAY, date(2023, 11, 18)),
        "Kidal": Base("Kidal", FIRST_DAY, date(2023, 10, 31)),
        "Gossi": Base("Tombouctou", FIRST_DAY, date(2018, 9, 1)),
    },
    contributors=("Chad", "Cote d'Ivoire", "Germany"),
    organisations={
        "AQIM": Lifetime(date(2007, 1, 26), date(2017, 3, 1)),
        "JNIM": Lifetime(date(2017, 3, 2), None),
    },
    forces={
        "France": Path((date(2013, 7, 1), date(2014, 7, 1)), (3000.0, 1000.0), linear=True),
        "G5 Sahel": Path((date(2013, 7, 1),), (0.0,), linear=True),
    },
    parameters={
        "find_rate": Range(0.1, 0.9, "share", "of devices"),
        "copy.rate": Range(0.0, 5.0, "1/day", ""),
    },
    strength=Path(
        (date(2013, 7, 1), date(2017, 7, 1), date(2018, 7, 1), date(2024, 12, 31)),
        (6000.0, 12000.0, 14000.0, 14000.0),
        linear=True,
    ),
    planned_strength=Path(
        (date(2013, 7, 1), date(2014, 3, 31), date(2014, 6, 30)), (6000.0, 10112.0, 12640.0), linear=True
    ),
    elections=(
        Vote(date(2018, 7, 29), date(2018, 7, 29), ""),
        Vote(date(2020, 3, 29), date(2020, 4, 19), "Gao"),
    ),
)
