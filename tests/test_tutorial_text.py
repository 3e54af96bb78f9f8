"""What `actcli tutorial` teaches on a terminal and in a pipe, and that its numbers are true."""

import math
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import actcli
from actcli.cli.tutorial import lessons
from actcli.cli.tutorial.blocks import Formula, Heading, Paragraph, Points, Section, Terms
from actcli.cli.tutorial.examples import Shell
from tests.command import ACTCLI, ENVIRONMENT, output

NAMES = ["intro", "relu", "sigmoid", "softmax", "tanh", "choose"]


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    """Return all sections, as a pipe gets them."""
    return list(lessons.sections(NAMES, Shell()))


@pytest.fixture(scope="module")
def text() -> str:
    """Return the whole tutorial, as a pipe gets it."""
    return output("tutorial")


def prose(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def test_it_teaches_what_the_tutorial_teaches(text):
    """Its sections in its order; what speaks for and against each function; which to use."""
    starts = [text.index(f"\n{title}\n") for title, _ in lessons.LESSONS.values()]
    assert starts == sorted(starts)
    assert list(lessons.LESSONS) == NAMES
    told = {
        "intro": ["Non-linear", "Differentiable", "the brain", "back-propagation"],
        "relu": ["Cheap", "do not vanish", "hidden layers", "Neurons can die"],
        "sigmoid": ["between 0 and 1", "probabilit", "binary", "Gradients vanish", "slow", "out of hidden layers"],
        "softmax": ["probability distribution", "sum 1", "multiclass"],
        "tanh": ["between -1 and 1", "negative", "Gradients vanish"],
        "choose": ["hidden layers relu", "Avoid sigmoid and tanh", "two classes sigmoid", "many classes softmax"],
    }
    for name, phrases in told.items():
        section = prose(output("tutorial", name))
        assert [phrase for phrase in phrases if phrase not in section] == [], name
    assert text.count("[ok] bit-identical to the tutorial\n") == 3
    assert text.endswith("\n6 of 6 examples bit-identical.\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_section_alone_is_part_of_the_whole(name, text):
    """Whatever the case of its name."""
    assert f"\n{output('tutorial', name)}" in text
    assert output("tutorial", name.upper()) == output("tutorial", name)


def shown_commands(text: str) -> dict[str, str]:
    """Return each command line of a text, with the output below it."""
    found = {}
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, rest = part.replace(" \\\n   ", "").partition("\n")
        lines = rest.partition("\n\n")[0].split("\n")
        found[command] = "\n".join(line for line in lines if not line.startswith("[ok]"))
    return found


def bash(command: str, folder: Path) -> str:
    """Return the standard output of a line of bash that succeeds and says nothing else."""
    path = f"{Path(ACTCLI).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(["bash", "-c", command], cwd=folder, env=ENVIRONMENT | {"PATH": path}, capture_output=True)
    assert (run.returncode, run.stderr) == (0, b""), command
    return run.stdout.decode()


def test_every_command_gives_the_output_shown(text, tmp_path):
    """In a shell, from an empty folder."""
    found = shown_commands(text)
    assert len(found) > 20
    for command, shown in found.items():
        assert bash(command, tmp_path).rstrip("\n") == shown.rstrip("\n"), command
    assert os.listdir(tmp_path) == []


def test_layers_take_what_the_layers_before_them_give(text):
    """Two straight lines are one; what a saturated layer sends is the next row's x."""
    lines = {command: shown for command, shown in shown_commands(text).items() if "affine" in command}
    first, second, single = (
        (command.split()[2:6], re.findall(r"\d+(?=\.)", shown)) for command, shown in lines.items()
    )
    assert (first[1], second[1]) == (second[0], single[1])
    for name in ("sigmoid 0 0.5", "tanh 1 0.76"):
        (table,) = (shown for command, shown in shown_commands(text).items() if f"actcli {name}" in command)
        rows = [re.findall(r"\d+\.?\d*", line) for line in table.splitlines() if "tutorial" not in line]
        rows = [list(map(float, row)) for row in rows if len(row) > 2]
        assert len(rows) == 5
        assert [row[1] for row in rows[:-1]] == [row[0] for row in rows[1:]]


def test_every_command_in_the_prose_runs(sections, tmp_path):
    """What a reader may try next, too."""
    texts = [text for section in sections for block in section.blocks for text in prose_of(block)]
    found = {code for text in texts for code in re.findall("`([^`]*)`", text) if "actcli " in code}
    assert len(found) > 8
    for command in found:
        assert bash(command, tmp_path) or "--output" in command


def prose_of(block: object) -> list[str]:
    """Return the texts of a block that are prose."""
    match block:
        case Paragraph() | Heading():
            return [block.text]
        case Terms():
            return [part for entry in block.entries for part in entry]
        case Points():
            return [*block.good, *block.bad]
    return []


def test_a_formula_is_the_function(sections):
    """Evaluated in Python, for numbers of both signs."""
    names = {"exp": math.exp, "max": max}
    definitions = [
        entry
        for section in sections
        for block in section.blocks
        if isinstance(block, Formula)
        for entry in block.definitions
    ]
    assert len(definitions) == 7
    for defined, expression in definitions:
        name = defined.partition("(")[0]
        for x in (-3.0, -0.5, 0.25, 4.0):
            row = [x, 1.0, 2.0]
            if name == "softmax":
                value = eval(expression.replace(" + ...", " + exp(x[2])"), names | {"x": row, "i": 0})
                expected = actcli.evaluate("softmax", row, dtype="float64")[0]
            else:
                known = {"sigmoid": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh}
                value = eval(expression, names | known | {"x": x})
                function = actcli.derivative if name.endswith("'") else actcli.evaluate
                expected = function(name.removesuffix("'"), [x], dtype="float64")[0]
            assert value == pytest.approx(expected, rel=1e-12), defined


def sigmoid(x: float) -> float:
    """Return the definition's value."""
    return 1 / (1 + math.exp(-x))


def descend(f, slope, bias: float) -> float:
    """Return the bias of f(x + bias) after 40 steps of gradient descent on the mean squared error."""
    x, target = np.array([0.5, 1, 2]), np.array([0, 0.5, 1.5])
    for _ in range(40):
        bias -= 0.5 * np.mean(2 * (f(x + bias) - target) * slope(x + bias))
    return bias


def test_numbers_in_the_prose_are_true(text):
    """Computed once more from the definitions, by NumPy and Python's mathematics."""
    climb = (math.tanh(0.51) - math.tanh(0.5)) / 0.01
    gradient = 2 * (math.tanh(0.5) - 0.8) * (1 - math.tanh(0.5) ** 2)
    error = (math.tanh(0.5 - 0.1 * gradient) - 0.8) ** 2
    chains = {"sigmoid": [0.0], "tanh": [1.0], "sigmoid from 1": [1.0]}
    for name, chain in chains.items():
        f = math.tanh if name == "tanh" else sigmoid
        while len(chain) < 5:
            chain.append(f(chain[-1]))
    products = {
        name: math.prod(1 - math.tanh(x) ** 2 if name == "tanh" else sigmoid(x) * sigmoid(-x) for x in chain)
        for name, chain in chains.items()
    }
    leaky = descend(lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.where(x > 0, 1, 0.2), -3.0)
    expected = [
        f"2 * 0.5 + 1 * -3 + 1 = {2 * 0.5 + 1 * -3 + 1:g}",
        "A single layer that computes 6 * x + 6 gives",
        "Their sum is 2, 1, 0, 1 and 2",
        f"at a rate of {climb:.3f}",
        f"its squared error is {(math.tanh(0.5) - 0.8) ** 2:.4f}",
        f"2 * (0.462 - 0.8) * 0.786 = {gradient:.3f}",
        f"gives {0.5 - 0.1 * gradient:.3f}, and the error falls to {error:.4f}",
        f"relu has b = -3.00, and leaky_relu b = {leaky:.2f}",
        f"The 5 slopes multiplied are {products['sigmoid']:.2g}",
        f"0.25 ** 10 = {0.25**10:.2g}",
        f"The 5 slopes multiplied are {products['tanh']:.2g}; with sigmoid they would be "
        f"{products['sigmoid from 1']:.2g}",
        f"begins with 0.8807971, and sigmoid(2) is {sigmoid(2):.7f}",
        f"one side is {math.tanh(0.7):.4f} and the other {2 * sigmoid(1.4) - 1:.4f}",
        f"slope {1 - math.tanh(2) ** 2:.3g}, and 0.0707 ** 10 = {0.0707**10:.2g}",
        f"slope {sigmoid(2) * sigmoid(-2):.3g}, and 0.105 ** 10 = {0.105**10:.2g}",
    ]
    assert [phrase for phrase in expected if phrase not in prose(text)] == []
    assert f"{leaky:.2f}" == "-0.50"
