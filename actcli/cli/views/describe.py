"""What is known of one activation, gathered from its block for every view of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from actcli.activation import Activation, Elementwise
from actcli.api import derivative, evaluate
from actcli.formats.text import markdown_row
from actcli.numerics import text
from actcli.parameters import REQUIRED

if TYPE_CHECKING:
    from actcli.data.batch import Numbers

NUMBERS = ("-inf", "-1", "-0", "0", "1", "inf", "nan")
ROWS = (["1", "2", "3", "4"], ["1", "2", "3", "-inf"], ["1", "2", "3", "inf"], ["1", "2", "3", "nan"])


SpecialValue: TypeAlias = Mapping[str, str | Sequence[str]]
"""A number x with the results y and, for one number, the derivative; along an axis, several x with as many y."""


class ParameterFacts(TypedDict):
    """What is known of a parameter."""

    name: str
    default: str | None
    help: str
    dialects: dict[str, str]


class Facts(TypedDict):
    """What is known of an activation."""

    function: str
    aliases: list[str]
    family: str
    summary: str
    formula: str
    derivative: str
    at_kinks: str | None
    range: str
    monotonic: str
    parameters: list[ParameterFacts]
    advantages: list[str]
    disadvantages: list[str]
    use: str
    special_values: list[SpecialValue]
    calls: dict[str, str]
    source: str


def facts(block: type[Activation]) -> Facts:
    """Return everything a block says, and its special values, as numbers, texts, lists and dicts."""
    return {
        "function": block.name,
        "aliases": list(block.aliases),
        "family": block.family,
        "summary": block.description,
        "formula": block.formula,
        "derivative": block.derivative_formula,
        "at_kinks": block.kinks or None,
        "range": block.range,
        "monotonic": block.monotonic,
        "parameters": [
            {
                "name": name,
                "default": None if parameter.default is None else parameter.shown,
                "help": parameter.help,
                "dialects": {
                    dialect: parameter._replace(default=values[name]).shown
                    for dialect, values in ((name, has.defaults) for name, has in block.dialects.items())
                    if name in values
                },
            }
            for name, parameter in block.parameters.items()
        ],
        "advantages": list(block.advantages),
        "disadvantages": list(block.disadvantages),
        "use": block.use,
        "special_values": _special_values(block),
        "calls": dict(block.calls),
        "source": block.source,
    }


def _special_values(block: type[Activation]) -> list[SpecialValue]:
    """Return the results in float32 with the defaults, or none for a block whose parameters have to be given."""
    if any(parameter.default is REQUIRED for parameter in block.parameters.values()):
        return []
    if issubclass(block, Elementwise):
        results = (_texts(calculate(block.name, NUMBERS)) for calculate in (evaluate, derivative))
        return [{"x": x, "y": y, "derivative": d} for x, y, d in zip(NUMBERS, *results, strict=True)]
    return [{"x": row, "y": _texts(evaluate(block.name, row))} for row in ROWS]


def _texts(values: "Numbers") -> list[str]:
    return text.shortest(values)


def markdown(known: Facts) -> str:
    """Return the facts as a page of Markdown."""
    also = f" Also called {', '.join(known['aliases'])}." if known["aliases"] else ""
    kinks = f"; {known['at_kinks']}" if known["at_kinks"] else ""
    lines = [f"## {known['function']}", "", f"{known['summary']}{also}", ""]
    lines += [f"- formula: `{known['formula']}`", f"- derivative: `{known['derivative']}`{kinks}"]
    lines += [f"- range: `{known['range']}`", f"- monotonic: {known['monotonic']}"]
    lines += [f"- advantages: {'; '.join(known['advantages'])}"]
    lines += [f"- disadvantages: {'; '.join(known['disadvantages'])}", f"- use: {known['use']}"]
    lines += [f"- source: {known['source']}", ""]
    if known["parameters"]:
        lines += _rows(["parameter", "default", "meaning"], [parameter(each) for each in known["parameters"]])
    if known["special_values"]:
        lines += _rows(list(known["special_values"][0]), special_rows(known))
    if known["calls"]:
        lines += _rows(["framework", "call"], [[name, f"`{line}`"] for name, line in known["calls"].items()])
    return "\n".join(lines).rstrip() + "\n"


def parameter(each: ParameterFacts) -> list[str]:
    """Return name, defaults and meaning of a parameter as cells of a table."""
    defaults = ["none" if each["default"] is None else each["default"]]
    defaults += [f"{dialect}: {value}" for dialect, value in each["dialects"].items()]
    return [each["name"], "; ".join(defaults), each["help"]]


def special_rows(known: Facts) -> list[list[str]]:
    """Return the special values as cells of a table."""
    return [
        [cell if isinstance(cell, str) else ", ".join(cell) for cell in row.values()] for row in known["special_values"]
    ]


def _rows(headings: list[str], rows: list[list[str]]) -> list[str]:
    cells = [headings, ["---"] * len(headings), *rows]
    return [*(markdown_row(row).rstrip("\n") for row in cells), ""]
