"""The language of --columns: names, globs, positions, ranges, and what is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.data.selection import select_columns
from actcli.errors import ActcliError
from tests.command import complaint, output

HEADINGS = ["id", "a", "b1", "b2", "c", "d"]
NUMERIC = [1, 2, 3, 4, 5]


def chosen(*words: str, headings: list[str] = HEADINGS) -> str:
    """Return the names of the chosen columns."""
    return " ".join(headings[i] for i in select_columns(headings, words, "x.csv", lambda: NUMERIC))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "a b1 b2 c d"),
        ("b1", "b1"),
        ("c,a", "a c"),
        ("c a,c", "a c"),
        ("b*", "b1 b2"),
        ("[ab]*,d", "a b1 b2 d"),
        ("2", "a"),
        ("-1", "d"),
        ("-1,1", "id d"),
        ("2:4", "a b1 b2"),
        ("-2:-1", "c d"),
        ("-2:", "c d"),
        (":2", "id a"),
        (":", "id a b1 b2 c d"),
        ("b1:c", "b1 b2 c"),
        ("b2:", "b2 c d"),
        (":a", "id a"),
        ("a:-2", "a b1 b2 c"),
        ("c:c", "c"),
        ("!c", "a b1 b2 d"),
        ("!c,!b*", "a d"),
        ("!b1:", "a"),
        ("!-1", "a b1 b2 c"),
        ("a:c,!b2", "a b1 c"),
        ("!b2 a:c", "a b1 c"),
        ("b*,b1,2:4,!2", "b1 b2"),
    ],
)
def test_selectors_choose_columns_in_the_order_of_the_table(words, expected):
    """Whatever the order of the words."""
    assert chosen(*words.split()) == expected


@pytest.mark.parametrize("name", ["2", "-1", "a:d", "!a", "*", "3:", "2 "])
def test_a_name_to_the_letter_wins(name):
    """However much it looks like something else; ranges know such names too."""
    headings = ["a", "x", name, "a,d", "d"]
    assert chosen(name, headings=headings) == name
    assert chosen("a,d", name, headings=headings) == f"{name} a,d"
    assert chosen(f"x:{name}", headings=headings) == f"x {name}"


def test_columns_of_one_name_are_chosen_together():
    """A range goes from the first to the last."""
    assert chosen("a", headings=["a", "b", "a", "c"]) == "a a"
    assert chosen("b:a", headings=["a", "b", "a", "c"]) == "b a"
    assert chosen("ns:a:ns:b", headings=["ns:a", "x", "ns:b", "c"]) == "ns:a x ns:b"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("q", "x.csv has no column 'q'; its columns: id, a, b1, b2, c, d"),
        ("B22", "x.csv has no column 'B22'; did you mean b2? Its columns: id, a, b1, b2, c, d"),
        ("0", "x.csv has no column '0'; its columns, 1 to 6: id,"),
        ("7", "x.csv has no column '7'; its columns, 1 to 6: id,"),
        ("-7", "x.csv has no column '-7'; its columns, 1 to 6: id,"),
        ("a:zz", "x.csv has no column 'zz' (of 'a:zz'); its columns: id,"),
        ("5:99", "x.csv has no column '99' (of '5:99'); its columns, 1 to 6: id,"),
        ("!q", "x.csv has no column 'q'; its columns:"),
        ("!", "x.csv has no column ''"),
        ("z*", "x.csv has no column 'z*'; its columns:"),
        ("a,", "x.csv has no column ''; its columns:"),
        ("d:a", "--columns d:a goes backwards in x.csv; write a:d"),
        ("a,!:d", "--columns a,!:d leaves no column of x.csv; its columns: id,"),
    ],
)
def test_what_chooses_nothing_is_named(words, message):
    """With the nearest name and all there are."""
    with pytest.raises(ActcliError) as error:
        chosen(words)
    assert str(error.value).startswith(message)


def test_a_long_list_of_columns_is_cut():
    """After twenty names."""
    with pytest.raises(ActcliError) as error:
        chosen("q", headings=[f"x{i}" for i in range(1, 1001)])
    assert str(error.value).endswith("x19, x20 and 980 more")
    wide = ",".join(f"x{i}" for i in range(1, 1001)) + "\n" + ",".join(["t"] * 1000) + "\n"
    assert complaint("relu", stdin=wide).endswith("x19, x20 and 980 more)")


@given(st.lists(st.text("ab:!-12,*", max_size=3), min_size=1, max_size=6), st.text("ab:!-12,*", max_size=8))
def test_any_selector_chooses_or_is_refused_in_one_line(headings, word):
    """Positions lie in the table, in its order."""
    try:
        found = select_columns(headings, [word], "x.csv", lambda: range(len(headings)))
    except ActcliError as error:
        assert "\n" not in str(error)
        return
    assert found == sorted(set(found))
    assert set(found) <= set(range(len(headings)))


@pytest.mark.parametrize(
    "words", [["-c", "-1"], ["-c-1"], ["--columns", "-1:"], ["--columns=-1"], ["-c", "-1,z"], ["-c", "\N{MINUS SIGN}1"]]
)
def test_a_position_may_begin_with_a_minus(words):
    """Also where numbers are typed with one."""
    assert output("relu", *words, stdin="a,y,z\n1,2,-3\n") == "a,y,z,z_relu\n1,2,-3,0.0\n"


def test_the_command_takes_selectors():
    """Text columns need not be left out by hand; a column chosen by hand has to be of numbers."""
    text = "id,a,b,c\np,-1,-2,3\n"
    assert output("relu", "-c", "!b", "--format", "plain", stdin=text) == "0.0\t3.0\n"
    assert output("relu", "-c", "-1", "-c", "2", "--format", "plain", stdin=text) == "0.0\t3.0\n"
    assert complaint("relu", "-c", ":2", stdin=text) == "standard input: row 2, column 'id': 'p' is not a number"
    assert complaint("relu", "-c", "-2q", stdin=text).startswith("standard input has no column '-2q'; its columns")
