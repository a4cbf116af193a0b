"""Queries: what they find, how mistakes are told, and that no text does anything else; and orders of runs."""

import random
import string
from pathlib import Path

import pytest

from scenarios.runs.collection import RunRow
from scenarios.runs.directory import Manifest
from scenarios.runs.query import LONGEST, QueryError, number_of, parse_query, select, sort_rows


def row(name, status="finished", scenario="cartpole", algorithm="dqn", seed=0, born=0.0, config=None, **numbers):
    manifest = Manifest(1, scenario, algorithm, config or {}, seed, 1, None, {}, "", "", {}, {})
    numbers = {"env_steps": 1000, "return_mean": 5.0} | numbers
    return RunRow(
        Path("runs") / name, name, status, scenario, algorithm, seed, 1, born=born, manifest=manifest, **numbers
    )


ROWS = (
    row("a-1", "running", seed=1, config={"learning_rate": 1e-3, "double": True, "hidden": "64-64"}, env_steps=5e5),
    row("a-2", "solved", seed=2, config={"learning_rate": "linear(0.0007, 0, 750000)", "double": False}),
    row("b-10", "paused", "lunarlander", "ppo", 3, config={"learning_rate": "linear(2e-3, 0, 10)", "clip": 0.2}),
    row("b-9", "dead", "LunarLander-v3", "ppo", 4, config={"value_clip": None}, return_mean=None),
    RunRow(Path("broken"), "broken", "damaged", fault="run.json is damaged"),
)


def found(text, rows=ROWS):
    return " ".join(one.name for one in select(rows, parse_query(text)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "a-1 a-2 b-10 b-9 broken"),
        ("  \n", "a-1 a-2 b-10 b-9 broken"),
        ("lander", "b-10 b-9"),
        ("LANDER", "b-10 b-9"),
        ("dqn a-", "a-1 a-2"),
        ("lander 10", "b-10"),
        ("'b-1'", "b-10"),
        ("algo=ppo", "b-10 b-9"),
        ("ALGO=PPO", "b-10 b-9"),
        ("algorithm != ppo", "a-1 a-2 broken"),
        ("env=cartpole", "a-1 a-2"),
        ("scenario=lunar*", "b-10 b-9"),
        ("scenario=lunar", ""),
        ("scenario=*lander*3", "b-9"),
        ("status=running,paused", "a-1 b-10"),
        ("status!=running,paused", "a-2 b-9 broken"),
        ("status=damaged", "broken"),
        ("status=Dam*", "broken"),
        ("lr=1e-3", "a-1"),
        ("lr=0.001", "a-1"),
        ("lr>=1e-3", "a-1 b-10"),
        ("lr >= 1e-3 lander", "b-10"),
        ("lr<1e-3", "a-2"),
        ("learning_rate==7e-4", "a-2"),
        ("lr=linear(2e-3, 0, 10)", "b-10"),
        ("lr='linear(2e-3, 0, 10)',1e-3", "a-1 b-10"),
        ("lr=linear(1e-3, 0, 10)", ""),  # a constant is no schedule
        ("lr=linear(2e-3,0,20)", ""),
        ("lr=Linear(0.002,0.0,1e1)", "b-10"),
        ("lr!=linear(2e-3, 0, 10)", "a-1 a-2"),
        ("lr='linear(2e-3,*'", "b-10"),
        ("lr=2e-3", "b-10"),
        ("lr!=1e-3", "a-2 b-10"),  # the others have none
        ("seed=1,3", "a-1 b-10"),
        ("seed>2", "b-10 b-9"),
        ("steps>=500k", "a-1"),
        ("steps>=0.5M", "a-1"),
        ("steps<1k", ""),
        ("return>4", "a-1 a-2 b-10"),
        ("return=none", "b-9 broken"),
        ("eval=none seed=2", "a-2"),
        ("double=true", "a-1"),
        ("double=TRUE,false", "a-1 a-2"),
        ("hidden=64-64", "a-1"),
        ("hidden=*64", "a-1"),
        ("value_clip=none", "b-9"),
        ("message=*damaged*", "broken"),
        ("name=?-1", ""),  # only the asterisk has a meaning
        ("name=[ab]-1", ""),
        ("clip>0.1", "b-10"),
        ("double>0", ""),  # true is no number
    ],
)
def test_queries_find(text, names):
    assert found(text) == names


def test_ages_are_compared_in_units_of_time(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 100_000.0)
    rows = [row("new", born=99_990.0), row("hours", born=92_000.0), row("day", born=3000.0)]
    for text, names in (
        ("age<1m", "new"),
        ("age<60", "new"),
        ("age<3h", "new hours"),
        ("age>=1d", "day"),
        ("age<1d age>30s", "hours"),
        ("age<1w", "new hours day"),
    ):
        assert found(text, rows) == names
    assert select([RunRow(Path("x"), "x", "damaged")], parse_query("age<1d")) == []


def test_the_setting_of_a_later_version_is_known_where_a_run_has_it():
    rows = [row("new", config={"curiosity": 3, "Odd": 4})]
    with pytest.raises(QueryError, match="there is no key 'curiosity'"):
        parse_query("curiosity>2")
    assert parse_query("curiosity>2", rows[0].config).matches(rows[0])
    assert parse_query("Odd=4", rows[0].config).matches(rows[0])


def test_a_hostile_setting_is_named_without_harm():
    with pytest.raises(QueryError) as error:
        parse_query("xyzzyxyzz=1", ["xyzzyxyzz\x1b[2J"])
    assert str(error.value) == "there is no key 'xyzzyxyzz': did you mean xyzzyxyzz\\x1b[2J?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("algoritm=ppo", "there is no key 'algoritm': did you mean algorithm?"),
        ("learnin_rate>1", "did you mean learning_rate?"),
        ("xyzzy=1", "the keys are name, status"),
        ("lr>", "'lr>' needs a value after it"),
        ("status=", "needs a value"),
        ("status= ", "needs a value"),
        ("lr>=fast", "lr>= needs one number, as in lr>=500k, got 'fast'"),
        ("age<soon", "as in age<2h"),
        ("steps>1,2", "needs one number"),
        ("lr>nan", "needs one number"),
        ("=5", "cannot be read"),
        ("lr=1=2", "cannot be read"),
        ('"open', "cannot be read"),
        ("<", "cannot be read"),
        ("2nd=1", "cannot be read"),
        ("x" * (LONGEST + 1), "at most 1000 characters"),
        ("\x1b[31m=1", "cannot be read"),
    ],
)
def test_mistakes_are_one_sentence(text, said):
    with pytest.raises(QueryError) as error:
        parse_query(text)
    assert said in str(error.value)
    assert str(error.value).isprintable()


def test_no_text_does_anything_but_find_or_say_what_is_wrong():
    rng = random.Random(7)
    words = [
        "lr",
        "status",
        "age",
        "=",
        "!=",
        "<",
        ">=",
        ",",
        "*",
        "'",
        '"',
        "(",
        ")",
        "linear(1,2,3)",
        " ",
        "1e999",
        "5m",
    ]
    letters = [*string.printable, "é", "\ud800", "\u202e", "٣", "²", "\x00", "ß"]
    understood = [found for _ in range(4000) if (found := finds(rng, words, letters)) is not None]
    assert 500 < len(understood) < 3500


def finds(rng, words, letters):
    """What a random text finds; None where it is not understood."""
    text = "".join(rng.choice(words if rng.random() < 0.6 else letters) for _ in range(rng.randrange(12)))
    try:
        return select(ROWS, parse_query(text))
    except QueryError:
        return None


def test_hostile_values_are_compared_without_harm():
    values = [
        10**400,
        -(10**4000),
        1e308,
        "9" * 5000,
        [[]],
        {"a": [1]},
        None,
        True,
        "\x1b[2J",
        "linear(",
        "linear(x, 1)",
        "",
    ]
    rows = [row(str(i), config={"learning_rate": value}) for i, value in enumerate(values)]
    for text in ("lr>1", "lr=1", "lr!=x", "lr=*a*b*", "lr<-1"):
        select(rows, parse_query(text))
    for descending in (False, True):
        assert len(sort_rows(rows, "lr", descending)) == len(rows)


def test_many_wildcards_take_no_longer():
    text = "a" * 20_000
    query = parse_query("message=" + "*a" * 400 + "*b")
    assert not query.matches(row("x", message=text))
    assert query.matches(row("x", message=text + "b"))


def test_a_schedule_counts_as_the_number_that_it_starts_with():
    assert number_of("linear(7e-4, 0, 750000)") == 7e-4
    assert number_of("harmonic(0.5, 3)") == 0.5
    assert number_of("64-64") is None
    assert number_of(float("nan")) is None


def names(rows):
    return " ".join(one.name for one in rows)


def test_runs_are_sorted_by_columns_and_settings():
    assert names(sort_rows(ROWS, "name")) == "a-1 a-2 b-9 b-10 broken"  # 9 before 10
    assert names(sort_rows(ROWS, "name", True)) == "broken b-10 b-9 a-2 a-1"
    assert names(sort_rows(ROWS, "lr")) == "a-2 a-1 b-10 b-9 broken"
    assert names(sort_rows(ROWS, "learning_rate", True)) == "b-10 a-1 a-2 b-9 broken"
    assert names(sort_rows(ROWS, "return")) == "a-1 a-2 b-10 b-9 broken"  # stable, unknown ones last
    assert names(sort_rows(ROWS, "return", True)) == "a-1 a-2 b-10 b-9 broken"
    with pytest.raises(QueryError, match="did you mean seed"):
        sort_rows(ROWS, "sed")


def test_what_is_no_number_is_last_whichever_way():
    rows = [row("nan", return_mean=float("nan")), row("one", return_mean=1.0), row("inf", return_mean=float("inf"))]
    for descending in (False, True):
        assert names(sort_rows(rows, "return", descending)) == "one nan inf"


def test_an_unsorted_key_of_the_rows_themselves_will_do():
    rows = [row("b")._replace(seed=None), row("a", config={"curiosity": 3})]
    assert names(sort_rows(rows, "curiosity")) == "a b"
