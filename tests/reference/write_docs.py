"""Write everything that shows the catalogue or the evidence, in some seconds.

Run: python tests/reference/write_docs.py
That is docs/functions with its pictures, README's picture docs/terminal.svg, docs/steps.svg of docs/check.md, the man
page docs/man/share/man/man1/actcli.1, docs/accuracy.md, the lists and counts in README.md and other pages, and the
keywords in actcli/keywords.py. tests/test_docs.py fails when one is not fresh.
"""

import io
import sys
import textwrap
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.api import prepare
from actcli.cli.builtin import BUILTIN_COMMANDS, load_builtin
from actcli.cli.commands import evaluate
from actcli.cli.views import describe, overview, plot_file, sampling
from actcli.compute import compute_values
from actcli.parameters import REQUIRED
from actcli.registry import registered
from tests.reference import accuracy_page, keywords_module, readme, steps_picture, terminal_picture

ROOT = Path(__file__).resolve().parents[2]
TERMINAL = ("actcli sigmoid -35 -5 0 6 25", "actcli plot sigmoid tanh gelu")
OWN_OPTIONS = "relu"  # whose command names the options that all share


def families() -> dict[str, list[type[Activation]]]:
    """Return the activations by family."""
    found: dict[str, list[type[Activation]]] = {}
    for activation in registered():
        found.setdefault(activation.family, []).append(activation)
    return found


def drawable(activations: list[type[Activation]]) -> list[str]:
    """Return the names of the functions that are curves with their defaults alone; of those along an axis, shares."""
    return [
        activation.name
        for activation in activations
        if REQUIRED not in [parameter.default for parameter in activation.parameters.values()]
        and (issubclass(activation, Elementwise | Packed) or "inf" not in activation.range)
    ]


def page(family: str, activations: list[type[Activation]]) -> str:
    """Return the page of a family in Markdown."""
    title = (sys.modules[activations[0].__module__].__doc__ or "").splitlines()[0]
    shown = "The functions of the family and their curves"
    if issubclass(activations[0], Packed):
        shown = "The results for the gate x and the value 1"
    elif issubclass(activations[0], AlongAxis):
        shown = "The first of the two results for x and 0"
    picture = f"\n![{shown}]({family}.svg)\n" if drawable(activations) else ""
    pages = "\n".join(describe.markdown(describe.describe(activation)) for activation in activations)
    return f"# {family}\n\n{title}\n{picture}\n{pages}"


def index() -> str:
    """Return the page that leads to the families."""
    lines = ["# The functions, by family", ""]
    for family, activations in families().items():
        names = ", ".join(f"[{activation.name}]({family}.md#{activation.name})" for activation in activations)
        lines.append(f"- [{family}]({family}.md): {names}")
    return "\n".join(lines) + "\n"


def picture(names: list[str]) -> bytes:
    """Return curves of functions as SVG."""
    x = np.linspace(-6, 6, 481, dtype=np.float32)
    out = io.BytesIO()
    activations = [prepare(name, {}, "float32") for name in names]
    alone = all(isinstance(activation, Elementwise) for activation in activations)
    drawn = (
        sampling.curves(activations, x)
        if alone
        else [paired(activation, x, i) for i, activation in enumerate(activations)]
    )
    title = "" if alone else "x as the gate, 1 as the value" if isinstance(activations[0], Packed) else "x beside 0"
    plot_file.write(drawn, out, "svg", title=title)
    return out.getvalue()


def paired(activation: Activation, x: np.ndarray, place: int) -> sampling.Curve:
    """Return the first result of each number and one beside it: 1 as the value of a gate, else 0."""
    rows = np.stack([x, np.full_like(x, isinstance(activation, Packed))], axis=1)
    if isinstance(activation, Packed) and activation.halves[0] == "value":
        rows = rows[:, ::-1]
    return sampling.Curve(activation.name, x, compute_values(activation, rows, "exact")[:, 0].astype(np.float64), place)


def terminal() -> str:
    """Return the picture of README: a table and a plot, as a terminal shows them."""
    return terminal_picture.draw(*TERMINAL)


def roff(text: str) -> str:
    """Return a text in which nothing steers the man page's formatter."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in safe.splitlines())


def manual() -> str:
    """Return the man page."""
    lines = ['.TH ACTCLI 1 "" "actcli" "User Commands"', ".SH NAME"]
    lines += [f"actcli \\- {roff(overview.PURPOSE[0].lower() + overview.PURPOSE[1:-1])}", ".SH SYNOPSIS"]
    lines += [".B actcli", roff("FUNCTION [NUMBER | FILE | -]... [OPTIONS]"), ".br", ".B actcli"]
    lines += [roff("COMMAND [OPTIONS]"), ".SH COMMANDS"]
    for name in BUILTIN_COMMANDS:
        lines += [".TP", f".B {name}", roff(load_builtin(name).get_short_help_str(200))]
    lines += [".SH OPTIONS", "Those that all functions share; each function has its parameters beside them."]
    activation = next(activation for activation in registered() if activation.name == OWN_OPTIONS)
    for param in evaluate.command(activation).params:
        if param.param_type_name == "option" and param.name not in activation.parameters:
            flags = ", ".join([*param.opts, *param.secondary_opts])
            metavar = f" {param.metavar}" if param.metavar else ""
            lines += [".TP", f".B {roff(flags + metavar)}", roff(param.help or "")]
    lines.append(".SH FUNCTIONS")
    for each in registered():
        lines += [".TP", f".B {each.name}", roff(each.summary), ".br", roff(each.formula)]
    lines.append(".SH EXAMPLES")
    for call, meaning in overview.EXAMPLES:
        lines += [".TP", f".B {roff(call)}", roff(meaning)]
    status = textwrap.fill(overview.STATUS.partition(": ")[2], 100)
    return "\n".join([*lines, ".SH EXIT STATUS", roff(status)]) + "\n"


def texts() -> dict[str, str]:
    """Return every page by its path, with the picture of steps; those of curves and of a terminal are left out."""
    pages = {f"docs/functions/{family}.md": page(family, activations) for family, activations in families().items()}
    return {
        "actcli/keywords.py": keywords_module.text(),
        **readme.pages(),
        "docs/accuracy.md": accuracy_page.text(),
        "docs/functions/README.md": index(),
        "docs/steps.svg": steps_picture.draw(),
        **pages,
        "docs/man/share/man/man1/actcli.1": manual(),
    }


def pictures() -> dict[str, list[str]]:
    """Return the functions of every picture of curves by its path."""
    by_family = {f"docs/functions/{family}.svg": drawable(activations) for family, activations in families().items()}
    return {path: names for path, names in by_family.items() if names}


def write_all() -> list[str]:
    """Write everything, and return the paths of what was not as it is now."""
    new = {path: text.encode() for path, text in {**texts(), "docs/terminal.svg": terminal()}.items()}
    new |= {path: picture(names) for path, names in pictures().items()}
    return [path for path, content in new.items() if write(ROOT / path, content)]


def write(path: Path, content: bytes) -> bool:
    """Write a file unless it holds the same already, and tell whether it did not."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return True


if __name__ == "__main__":
    print("\n".join(write_all()) or "everything is fresh")
