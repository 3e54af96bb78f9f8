"""What `actcli tutorial` teaches on a terminal and in a pipe, and that its numbers are true."""

import io
import math
import os
import re
import signal
import subprocess
from pathlib import Path

import numpy as np
import pexpect
import pytest
from rich.console import Console

import actcli
from actcli.cli.tutorial import lessons, terminal
from actcli.cli.tutorial.blocks import Formula, Heading, Paragraph, Points, Run, Section, Terms
from actcli.cli.tutorial.examples import Shell
from tests.command import ACTCLI, ENVIRONMENT, output
from tests.screen import plain

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
        rows = [re.findall(r"\d+\.?\d*", line) for line in table.splitlines()]
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
        f"makes it {0.5 - 0.1 * gradient:.3f}, and the error falls to {error:.4f}",
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


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_too_long_and_no_word_broken(width, sections):
    """In a terminal of that width, whose input nobody types; commands go on with a backslash."""
    line = f"{ACTCLI} tutorial < /dev/null"
    child = pexpect.spawn("sh", ["-c", line], env=ENVIRONMENT | {"TERM": "xterm"}, dimensions=(24, width))
    seen = plain(child.read().decode().replace("\r\n", "\n"))
    child.close()
    assert child.exitstatus == 0
    assert max(map(len, seen.splitlines())) <= width
    assert "…" not in seen
    assert_complete(seen, sections)


def assert_complete(seen: str, sections: list[Section]) -> None:
    """Fail unless all prose and all commands are there, with no word broken."""
    shown = prose(seen.replace(" \\\n", " "))
    for block in (block for section in sections for block in section.blocks):
        for text in prose_of(block):
            assert prose(text.replace("`", "")) in shown
        if isinstance(block, Run):
            assert f"$ {block.command}" in shown


def test_prose_stays_readable_in_a_wide_window(sections):
    """In lines of 80 characters at most."""
    page = terminal.Page(Console(file=io.StringIO(), width=200, highlight=False))
    paragraphs = [block for section in sections for block in section.blocks if isinstance(block, Paragraph)]
    assert max(len(line) for block in paragraphs for line in page.lines(block)) <= 80


def test_an_encoding_without_lines_and_blocks_gets_letters_that_are_the_commands_own():
    """Tables in the tutorial are those which the commands print there."""
    environment = ENVIRONMENT | {"PYTHONIOENCODING": "ascii"}
    run = subprocess.run([ACTCLI, "tutorial", "relu"], capture_output=True, env=environment, check=True)
    alone = subprocess.run([ACTCLI, "relu", "0.5", "1", "2", "--derivative"], capture_output=True, env=environment)
    assert run.stdout.isascii()
    assert alone.stdout in run.stdout


PROMPT = "-- .*, q quits --"


def spawn(*words: str) -> pexpect.spawn:
    """Return the tutorial in a terminal of 24 lines."""
    environment = ENVIRONMENT | {"TERM": "xterm", "NO_COLOR": "1"}
    return pexpect.spawn(ACTCLI, ["tutorial", *words], env=environment, dimensions=(24, 80), encoding="utf-8")


def test_a_key_goes_on_to_the_next_section_or_screen(sections):
    """No line leaves the screen unread, each section begins on a new one, and nothing is left out."""
    child = spawn()
    screens, prompts = [], []
    while child.expect([PROMPT, pexpect.EOF]) == 0:
        screens.append(child.before)
        prompts.append(child.after)
        child.send(" ")
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
    screens.append(child.before)
    assert max(screen.count("\n") for screen in screens) < 24
    assert [re.match(r"-- (\w+): any key", prompt)[1] for prompt in prompts if " more " not in prompt] == NAMES
    assert "-- more relu: any key, q quits --" in prompts
    assert_complete(plain("".join(screens)).replace("\r", ""), sections)


@pytest.mark.parametrize("key", ["q", "Q", "\x1b", "\x04"])
def test_q_ends_it(key):
    """Escape and the end of input, too; with status 0, and the terminal as it was."""
    child = spawn("relu")
    child.expect(PROMPT)
    child.send(key)
    rest = child.read()
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
    assert rest.strip() == ""


def test_control_c_ends_it_quietly():
    """By the signal, as it ends other commands."""
    child = spawn("relu")
    child.expect(PROMPT)
    child.sendcontrol("c")
    rest = child.read()
    child.close()
    assert child.signalstatus == signal.SIGINT
    assert "Traceback" not in rest
    assert rest.strip() in {"", "^C"}


def test_a_pipe_gets_everything_at_once(text):
    """Without a question, also where the input is a terminal."""
    assert "any key" not in text
    child = pexpect.spawn("sh", ["-c", f"{ACTCLI} tutorial | cat"], env=ENVIRONMENT, encoding="utf-8", timeout=30)
    assert child.read().replace("\r\n", "\n") == text
    child.close()
    assert child.exitstatus == 0
