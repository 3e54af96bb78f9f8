"""The views that teach: info, list and choose."""

import io
import itertools
import json
import os
import re
import subprocess

import pytest
from rich.console import Console

import actcli
from actcli.advice import HIDDEN, OUTPUT
from actcli.cli.views import describe, panels, styles, tables
from actcli.cli.views.formula import to_latex, to_text
from actcli.dialects import FRAMEWORKS
from actcli.registry import registered
from tests.command import ACTCLI, ENVIRONMENT, complaint, output
from tests.screen import plain, screen

ACTIVATIONS = list(registered())
SAID_IN_WORDS = ("formula", "derivative", "range", "monotonic", "use", "source")


def words(text: str) -> str:
    """Return a text without its line breaks and blanks."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_info_shows_what_the_activation_says(activation):
    """As JSON and as Markdown."""
    known = describe.describe(activation)
    page = describe.markdown(known)
    if activation.parameters:
        assert f"- with parameters: `{activation.formula}`" in page
    for text in (
        to_text(activation.textbook),
        to_latex(activation.textbook),
        activation.derivative_formula,
        activation.range,
        activation.use,
        activation.source,
        *activation.calls.values(),
    ):
        assert text in page
        assert text in known.values() or text in known["calls"].values()
    for text in (*activation.advantages, *activation.disadvantages):
        assert text in page
        assert text in known["advantages"] + known["disadvantages"]
    assert activation.monotonic == known["monotonic"]
    assert [parameter["name"] for parameter in known["parameters"]] == list(activation.parameters)


def test_info_computes_the_special_values():
    """The limits of silu, and the defaults of dialects, which the table of functions names."""
    values = {row["x"]: row for row in json.loads(output("info", "swish", "-f", "json"))["special_values"]}
    assert [values[x]["y"] for x in ("-inf", "-0", "0", "inf", "nan")] == ["-0.0", "-0.0", "0.0", "inf", "nan"]
    assert [values[x]["derivative"] for x in ("-inf", "0", "inf")] == ["-0.0", "0.5", "1.0"]
    shown, page = output("info", "leaky_relu"), output("info", "leaky_relu", "--format", "markdown")
    activation = actcli.get("leaky_relu")
    assert re.search(r"[⠁-⣿].* leaky_relu'", shown)  # the picture, with the name of the derivative
    assert not re.search(r"(?m) $", shown)
    for text in (
        to_text(activation.textbook),
        to_text(activation.formula),
        to_text(activation.derivative_formula),
        activation.range,
        activation.use,
        activation.source,
        *activation.advantages,
    ):
        assert words(text) in words(shown)
    assert words("at kinks: negative_slope at 0; 1 in JAX") in words(shown)
    assert "| negative_slope | 0.2; keras2: 0.3; torch: 0.01; jax: 0.01; onnx: 0.01" in page


def listed(*options: str) -> list[str]:
    """Return the names that a list shows."""
    lines = [line.split()[0] for line in output("list", *options).splitlines()]
    return [name for name in lines if name in actcli.activations()]


def test_the_list_takes_filters():
    """A family, a framework, a word; together they all have to hold."""
    assert listed() == actcli.activations()
    for family in dict.fromkeys(activation.family for activation in ACTIVATIONS):
        assert listed("--family", family) == [
            activation.name for activation in ACTIVATIONS if activation.family == family
        ]
    for framework in FRAMEWORKS:
        assert listed("--in", framework) == [
            activation.name for activation in ACTIVATIONS if framework in activation.dialects
        ]
    assert listed("Swish") == ["silu", "hard_silu"]
    assert "gelu" in listed("transformers", "--in", "keras2")
    assert listed("--family", "swiglu", "--in", "onnx") == ["swiglu"]


def test_a_list_of_nothing_is_a_mistake():
    """One line that says what was asked for and what there is."""
    assert complaint("list", "sprasemax") == "no activation mentioning 'sprasemax'; did you mean sparsemax?"
    assert "in keras2 and of packed" in complaint("list", "--family", "packed", "--in", "keras2")
    assert "did you mean rectifiers?" in complaint("list", "--family", "rectifier")


@pytest.mark.parametrize(
    "words", ["info relu", "list", "plot relu", "compare relu gelu 1", "diagnose relu 1", "tutorial"]
)
def test_a_view_whose_reader_has_gone_ends_quietly(words):
    """With status 0 and no message; and a full disk is told."""
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run([ACTCLI, *words.split()], stdout=write, stderr=subprocess.PIPE, env=ENVIRONMENT)
    os.close(write)
    assert (run.returncode, run.stderr) == (0, b"")
    with open("/dev/full", "wb") as full:
        run = subprocess.run([ACTCLI, *words.split()], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert (run.returncode, run.stderr) == (3, b"actcli: cannot write standard output: No space left on device\n")


def test_choose_gives_the_advice_of_the_tutorial():
    """Its last section: relu in hidden layers, sigmoid for binary, softmax for multiclass; what to avoid there."""
    hidden = output("choose", "--layer", "hidden")
    assert "use relu (the tutorial's advice)" in hidden
    assert re.search(r"avoid +sigmoid", hidden)
    assert re.search(r"(?m)^ +tanh", hidden)
    for name in ("gelu", "swiglu", "silu"):
        assert words(actcli.get(name).source) in words(hidden)
    assert "use sigmoid (the tutorial's advice)" in output("choose", "--layer", "output", "--task", "binary")
    assert "use softmax (the tutorial's advice)" in output("choose", "--task", "multiclass")
    assert "use sigmoid (Goodfellow" in output("choose", "--task", "multilabel")
    assert "use linear (Goodfellow" in output("choose", "--task", "regression")


def test_info_teaches_what_the_tutorial_teaches():
    """Of its four functions, what it counts for and against each."""
    for name, told in {
        "relu": ("cheap to compute", "gradient does not vanish", "neurons can die", "hidden layers"),
        "sigmoid": (
            "between 0 and 1",
            "probability",
            "gradients vanish",
            "exponential",
            "not in hidden layers",
            "binary",
        ),
        "softmax": ("probability distribution", "sum to 1", "output layer for multiclass classification"),
        "tanh": ("between -1 and 1", "negative", "gradients vanish, as with sigmoid", "not in deep hidden layers"),
    }.items():
        shown = " ".join(output("info", name).split())
        assert [phrase for phrase in told if phrase not in shown] == [], name


def test_choose_names_activations_that_exist():
    """And does not recommend what it says to avoid."""
    for advice in (HIDDEN, *OUTPUT.values()):
        for name in (advice.use, *advice.avoid, *advice.alternatives):
            assert actcli.get(name).name == name
        assert not {advice.use, *advice.alternatives} & set(advice.avoid)


def test_choose_in_a_pipe_says_which_options_to_give():
    """Nobody can be asked there."""
    assert complaint("choose") == "choose requires --layer (hidden, output), as in actcli choose hidden"
    assert complaint("choose", "output").startswith(
        "choose requires --task (binary, multiclass, multilabel, regression)"
    )
    assert "did you mean hidden?" in complaint("choose", "--layer", "hiden")


def test_choose_asks_on_a_terminal_until_it_knows():
    """A number, a name or its beginning is enough; a wrong word is asked for again."""
    seen = plain(screen("choose", typed=["outer", "2", "m", "multic"]))
    assert seen.count("Which layer? ") == 2
    assert "'outer' is not one of them" in seen
    assert seen.count("Which task? ") == 2
    assert "output layer, multiclass: use softmax" in seen


def test_choose_says_when_the_task_does_not_matter():
    """As for hidden layers."""
    found = " ".join(output("choose", "hidden", "--task", "binary").split())
    assert "the task, binary, matters for the output layer only" in found
    assert "matters" not in output("choose", "binary")


@pytest.mark.parametrize("place", ["hidden", *OUTPUT])
def test_choose_gives_its_advice_as_json(place):
    """Everything that the page says."""
    found = json.loads(output("choose", place, "--format", "json"))
    advice = HIDDEN if place == "hidden" else OUTPUT[place]
    assert found == {"layer": "hidden" if place == "hidden" else "output", "task": found["task"], **advice._asdict()}
    assert found["task"] == (None if place == "hidden" else place)


def run_with(command: str, **environment: str) -> str:
    """Return what a new process prints in that environment, with status 0."""
    run = subprocess.run([ACTCLI, *command.split()], capture_output=True, env=ENVIRONMENT | environment)
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout.decode()


@pytest.mark.parametrize(
    "command",
    [
        *("info relu", "info softmax", "plot relu", "plot relu gelu", "plot softmax"),
        *("diagnose relu -9 1 1", "list", "tutorial"),
    ],
)
def test_an_encoding_without_lines_and_blocks_gets_letters(command):
    """As a pipe on an old system has."""
    shown = run_with(command, PYTHONIOENCODING="ascii")
    assert shown.isascii()
    if "relu" in command:
        assert {"info": "****", "plot": "****", "diagnose": "off (f' = 0)"}[command.split()[0]] in shown


def test_text_that_the_encoding_lacks_is_escaped_and_stays_in_line(tmp_path):
    """In tables, reports and pictures; data are written in UTF-8 as ever."""
    (tmp_path / "x.csv").write_text("\u540d\u524d,z\u00e9\n\u6771\u4eac,1.5\na,-2\n", "utf-8")
    env = ENVIRONMENT | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for words, said in {
        "relu x.csv --format table": "\\u6771\\u4eac",
        "diagnose relu x.csv": "z\\xe9",
        "plot relu --data x.csv": "z\\xe9: 2 numbers",
    }.items():
        run = subprocess.run([ACTCLI, *words.split()], capture_output=True, env=env, cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, b"")
        assert said in run.stdout.decode("ascii")
        lines = run.stdout.decode("ascii").splitlines()
        assert "table" not in words or len(set(map(len, lines[1:]))) == 1
    for format in ("csv", "json", "jsonl", "markdown"):
        run = subprocess.run([ACTCLI, "relu", "x.csv", "--format", format], capture_output=True, env=env, cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, b"")
        assert "z\u00e9" in run.stdout.decode()


def test_a_terminal_without_cursor_has_its_own_width():
    """And no colour."""
    for command in ("info relu", "plot relu", "choose hidden", "list"):
        seen = screen(*command.split(), columns=60, TERM="dumb")
        assert "\x1b" not in seen
        assert max(map(len, seen.splitlines())) <= 60


@pytest.mark.parametrize("width", ["0", "1", "15"])
@pytest.mark.parametrize(
    "command", ["--help", "relu --help", "info relu", "plot relu", "list", "diagnose relu 1", "tutorial"]
)
def test_no_window_is_too_small(command, width):
    """Not even one that says that it has no columns."""
    assert "relu" in run_with(command, COLUMNS=width)


@pytest.mark.parametrize("command", ["choose --layer hidden", "info sigmoid", "list --family along_axis"])
def test_no_word_is_lost_in_a_small_window(command):
    """Of 20 columns: the terminal wraps what is wider."""
    small = plain(screen(*command.split(), columns=20))
    assert "…" not in small
    for heading in ("softmin", "softmax") if "list" in command else ("sigmoid", "vanish", "hidden layers"):
        assert words(heading) in words(small)


@pytest.mark.parametrize(
    ("command", "columns"),
    list(itertools.product(["info geglu", "info relu", "list", "choose --layer hidden"], [40, 60, 200])),
)
def test_a_view_fits_the_window(command, columns):
    """At any width; without colours where NO_COLOR says so."""
    seen = screen(*command.split(), columns=columns)
    assert max(map(len, plain(seen).splitlines())) <= columns
    assert "…" not in seen
    if "relu" in command or "hidden" in command:
        assert re.search(r"\bnegative_slope\b" if "info" in command else r"\bgradient\b", plain(seen))  # unbroken
    assert "\x1b[1;36m" in seen or "\x1b[36m" in seen
    assert "\x1b[3" not in screen(*command.split(), columns=columns, NO_COLOR="1")


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_long_table_looks_as_a_short_one_does(terminal, encoding, monkeypatch):
    """Beyond the rows that are laid out one by one: text to the left, numbers to the right, in colour or not."""
    columns = [
        panels.ShownColumn("name", ["a", "lorem ipsum", "\u4e2d\u6587"] * 5),
        panels.ShownColumn("relu(x)", ["  1.5", "-20. ", "  0. "] * 5, 0),
        panels.ShownColumn(tables.TUTORIAL, ["1.", "2.", ""] * 5, 0, style=styles.NOTE),
    ]
    written = []
    for most in (500, 10):
        monkeypatch.setattr(tables, "_LAID_OUT_ROWS", most)
        out = io.TextIOWrapper(io.BytesIO(), encoding, errors="replace")
        tables._print_table(Console(file=out, width=200, force_terminal=terminal, _environ={}), columns, False)
        out.flush()
        written.append(out.buffer.getvalue().decode(encoding))
    assert plain(written[0]) == plain(written[1])
    assert ("\x1b[2m" in written[0]) == ("\x1b[2m" in written[1]) == terminal


def test_a_table_shows_as_many_digits_as_a_slide_bears():
    """Rounded for the eye alone: data keep all, and so does a file."""
    shown = output("tanh", "0.1", "-12.5", "1e-7", "--digits", "3")
    for number in ("0.100 ", "-12.5 ", "1.00e-07", "0.0997 ", "-1.00 "):
        assert number in shown, shown
    assert "--digits must be an integer from 1 to 17, got '0'" in complaint("tanh", "1", "--digits", "0")
    assert "--digits is for tables; csv keeps all digits" in complaint("tanh", "1", "--digits", "3", "-f", "csv")
    assert "0.762" in output("compare", "tanh", "relu", "1", "--digits", "3")


def test_the_tutorial_s_column_says_what_it_is():
    """Below the table, and only there where it stands."""
    note = "TF 2.4 (tutorial): what the tutorial's TensorFlow 2.4.1 returns"
    assert output("sigmoid", "-5").endswith(f"{note}\n")
    assert note not in output("sigmoid", "0") + output("sigmoid", "-5", "--no-tutorial-column")
