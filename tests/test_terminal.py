"""What a person sees: the real command in a pseudo-terminal."""

import re

import pexpect
import pytest
from rich.cells import cell_len

from tests.command import ACTCLI, ENVIRONMENT, actcli, output
from tests.screen import plain, screen


@pytest.fixture
def table(tmp_path):
    """Return the path of a file of 1,000 rows."""
    path = tmp_path / "x.csv"
    path.write_text("id,x\n" + "".join(f"row{i},{i - 500}\n" for i in range(1000)))
    return str(path)


def test_a_terminal_sees_the_same_table_as_a_pipe():
    """Apart from its colours."""
    words = ["sigmoid", "-35", "-5", "0", "6", "25"]
    seen = screen(*words)
    assert "\x1b[" in seen
    assert plain(seen) == output(*words)


def test_colours_obey_the_environment():
    """NO_COLOR takes them away on a terminal, FORCE_COLOR brings them to a pipe."""
    assert "\x1b[3" not in screen("relu", "1", NO_COLOR="1")
    assert "\x1b[" in output("relu", "1", env=ENVIRONMENT | {"FORCE_COLOR": "1"})
    assert "\x1b[" not in output("relu", "1", env=ENVIRONMENT)


@pytest.mark.parametrize("columns", [10, 40, 200])
def test_a_table_never_shortens_a_number(columns):
    """However narrow the window; long numbers, and many columns."""
    seen = plain(screen("sigmoid", "-35", "-5e-30", "--dtype", "float64", "--derivative", columns=columns))
    joined = seen.replace("\n", "")
    assert "6.305116760146985e-16" in joined
    assert "…" not in joined


def test_a_file_on_a_terminal_shows_its_ends_and_the_count(table):
    """The same file into a pipe is CSV."""
    seen = plain(screen("relu", table))
    for cell in ("row0", "row9", "row990", "row999", "1,000 rows", "..."):
        assert cell in seen
    for cell in ("row10 ", "row989"):
        assert cell not in seen
    assert output("relu", table).splitlines()[:2] == ["id,x,x_relu", "row0,-500,0.0"]


def tables(seen: str) -> list[list[list[str]]]:
    """Return the tables on a screen, each as rows of cells, the first of which are the headings."""
    found: list[list[list[str]]] = []
    for line in seen.splitlines():
        if line.startswith("╭"):
            found.append([])
        elif line.startswith("│"):
            found[-1].append([cell.strip() for cell in line.strip("│").split("│")])
    return found


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_a_wide_file_is_shown_in_several_tables_that_all_say_whose_row_it_is(tmp_path, columns):
    """All 29 numbers and results, to the last digit, each result beside its number, each behind the row's name."""
    names = [f"z{i}" for i in range(1, 30)]
    numbers = [[f"{(-1) ** i * i / 7 + row:.4f}" for i in range(29)] for row in range(3)]
    lines = [",".join(["town", *names]), *(",".join([f"\u6771\u4eac{i}", *row]) for i, row in enumerate(numbers))]
    (tmp_path / "x.csv").write_text("\n".join(lines) + "\n", "utf-8")
    seen = plain(screen("linear", str(tmp_path / "x.csv"), columns=columns))
    assert max(map(cell_len, seen.splitlines())) <= columns
    assert "not fit" not in seen
    shown: dict[str, list[float]] = {}
    for headings, *rows in tables(seen):
        assert headings[0] == "town"
        assert [row[0] for row in rows] == [f"\u6771\u4eac{i}" for i in range(3)]
        assert {f"linear({name})" for name in headings if name in names} <= {*headings}
        for heading, *cells in list(zip(headings, *rows, strict=True))[1:]:
            assert heading not in shown
            shown[heading] = list(map(float, cells))
    for name, cells in zip(names, zip(*numbers, strict=True), strict=True):
        assert shown[name] == shown[f"linear({name})"] == list(map(float, cells))
    assert len(shown) == 58


@pytest.mark.parametrize("columns", [30, 60, 100, 400])
def test_texts_are_cut_then_left_out_and_named(tmp_path, columns):
    """A combining character and a wide one take their own room; of two columns of one name, it is said once."""
    text = "e\u0301\u4e2d " * 20
    (tmp_path / "x.csv").write_text(f"id,note,note,a,b\nn1,{text},{text},0.123456789,-2.5\n", "utf-8")
    seen = plain(screen("linear", "--dtype", "float64", str(tmp_path / "x.csv"), columns=columns))
    assert max(map(cell_len, seen.splitlines())) <= columns
    assert {float(rows[1][rows[0].index("linear(a)")]) for rows in tables(seen) if "linear(a)" in rows[0]} == {
        0.123456789
    }
    said = re.findall(r"\d of 7 columns .*", " ".join(seen.split()))
    assert len(said) == (columns < 100)
    if columns == 30:
        assert seen.count("note") == 1
        assert re.match(r"2 of 7 columns do not fit: note \(--format csv shows all\)", said[0])
    elif columns == 60:
        assert re.match(r"1 of 7 columns does not fit: note \(--format csv shows all\)", said[0])
    assert ("..." in seen) == (30 < columns < 400)


def test_numbers_that_are_not_converted_open_no_table_of_their_own(tmp_path):
    """They take the room that is left, and the others are named."""
    names = [f"z{i}" for i in range(1, 30)]
    (tmp_path / "x.csv").write_text(",".join(names) + "\n" + ",".join(["1.25"] * 29) + "\n")
    seen = plain(screen("linear", "-c", "z7", str(tmp_path / "x.csv"), columns=60))
    ((headings, cells),) = tables(seen)
    assert headings == ["z1", "z2", "z3", "z4", "z5", "z7", "linear(z7)"]
    assert cells == ["1.25"] * 7
    assert "23 of 30 columns do not fit: z6, z8, z9," in seen


@pytest.mark.parametrize("columns", [30, 60, 80, 200])
def test_results_that_do_not_fit_stand_in_a_table_below(columns):
    """Each table begins with the numbers that were typed."""
    seen = plain(screen("compare", "gelu", "--dialects", "keras,torch,jax,onnx,keras2", "1.5", columns=columns))
    rows = [line.strip("│").replace("│", " ").split() for line in seen.splitlines() if line.startswith("│")]
    headings, numbers = ([cell for row in rows[i::2] for cell in row[1:]] for i in (0, 1))
    assert max(map(len, seen.splitlines())) <= columns
    assert {row[0] for row in rows} == {"x", "1.5"}
    assert headings == ["gelu_keras", "gelu_torch", "gelu_jax", "gelu_onnx", "gelu_keras2", "gelu_ulps"]
    assert numbers[:5] == ["1.3997892", "1.3997892", "1.3995715", "1.3997892", "1.3997892"]  # PyTorch 2.13, JAX 0.10.2


def test_no_numbers_at_a_terminal_is_a_mistake_not_a_wait():
    """The line says what to type."""
    child = pexpect.spawn(ACTCLI, ["relu"], env=ENVIRONMENT, encoding="utf-8", timeout=30)
    text = child.read()
    child.close()
    assert child.exitstatus == 2
    assert "relu needs numbers: type some (actcli relu -5 0 3), name a CSV file, or pipe one in" in text


def test_cells_cannot_steer_the_terminal(tmp_path):
    """Escape sequences and line ends in a file are shown, not obeyed; square brackets are no markup."""
    path = tmp_path / "x.csv"
    path.write_text('t,x\n"\x1b[31mred\nline [bold]",1\n')
    seen = plain(screen("relu", str(path), NO_COLOR="1"))
    assert "\\x1b[31mred\\nline [bold]" in seen


@pytest.mark.parametrize(("function", "shown"), [("relu", "2 rows"), ("softmax", "0 rows")])
def test_a_long_run_says_how_far_it_is(function, shown, tmp_path):
    """Also while it reads what it needs all of, or while nothing arrives; and wipes that away at the end."""
    wait = "while [ ! -e seen ]; do sleep 0.1; done"
    line = f"(echo 1; echo 1; {wait}; echo 1) | {ACTCLI} {function} > out.csv"
    child = pexpect.spawn("sh", ["-c", line], env=ENVIRONMENT | {"TERM": "xterm"}, cwd=str(tmp_path), encoding="utf-8")
    child.expect_exact(shown)
    (tmp_path / "seen").touch()
    seen = child.read()
    child.close()
    result = {"relu": "1.0", "softmax": "0.33333334"}[function]
    expected = f"x,x_{function}\n" + f"1,{result}\n" * 3
    assert (child.exitstatus, (tmp_path / "out.csv").read_text()) == (0, expected)
    assert seen.endswith("\x1b[2K")


def test_verbose_says_at_the_end_what_was_done():
    """In one line on standard error; without it, and without a terminal, nothing is said."""
    run = actcli("relu", "--verbose", stdin="1\n2\n3\n")
    assert re.fullmatch(r"actcli: 3 rows in \d+\.\d\d s, 0\.0 MB/s\n", run.stderr)
    assert run.stdout == output("relu", stdin="1\n2\n3\n")
