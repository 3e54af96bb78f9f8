"""What is known of one activation, gathered from its class for every view of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from actcli.activation import Activation, Elementwise
from actcli.api import derivative, evaluate
from actcli.cli.views.formula import to_latex, to_text
from actcli.cli.views.specialize import specialize
from actcli.formats.text import markdown_row
from actcli.numerics import text
from actcli.parameters import REQUIRED

if TYPE_CHECKING:
    from actcli.data.batch import Numbers

NUMBERS = ("-inf", "-1", "-0", "0", "1", "inf", "nan")
ROWS = (["1", "2", "3", "4"], ["1", "2", "3", "-inf"], ["1", "2", "3", "inf"], ["1", "2", "3", "nan"])


SpecialValue: TypeAlias = Mapping[str, str | Sequence[str]]
"""A number x with the results y and, for one number, the derivative; along an axis, several x with as many y."""


class ParameterDescription(TypedDict):
    """What is known of a parameter."""

    name: str
    default: str | None
    help: str
    dialects: dict[str, str]


class Variant(TypedDict):
    """What a model makes of an activation."""

    model: str
    choices: dict[str, str]
    formula: str
    """With these choices."""
    source: str


class Description(TypedDict):
    """What is known of an activation."""

    function: str
    aliases: list[str]
    family: str
    summary: str
    formula: str
    """With the default parameters."""
    general_formula: str
    """With all parameters, in Python's notation."""
    latex: str
    derivative: str
    at_kinks: str | None
    range: str
    monotonic: str
    parameters: list[ParameterDescription]
    variants: list[Variant]
    advantages: list[str]
    disadvantages: list[str]
    use: str
    special_values: list[SpecialValue]
    calls: dict[str, str]
    source: str


def describe(activation: type[Activation]) -> Description:
    """Return everything an activation says of itself, and its special values, as numbers, texts, lists and dicts."""
    return {
        "function": activation.name,
        "aliases": list(activation.aliases),
        "family": activation.family,
        "summary": activation.description,
        "formula": to_text(activation.textbook),
        "general_formula": activation.formula,
        "latex": to_latex(activation.textbook),
        "derivative": activation.derivative_formula,
        "at_kinks": activation.kinks or None,
        "range": activation.range,
        "monotonic": activation.monotonic,
        "parameters": [
            {
                "name": name,
                "default": None if parameter.default is None else parameter.shown,
                "help": parameter.help,
                "dialects": {
                    dialect: parameter_text(activation, name, values[name])
                    for dialect, values in ((name, has.defaults) for name, has in activation.dialects.items())
                    if name in values
                },
            }
            for name, parameter in activation.parameters.items()
        ],
        "variants": [_variant(activation, model) for model in activation.presets],
        "advantages": list(activation.advantages),
        "disadvantages": list(activation.disadvantages),
        "use": activation.use,
        "special_values": _special_values(activation),
        "calls": dict(activation.calls),
        "source": activation.source,
    }


def _variant(activation: type[Activation], model: str) -> Variant:
    preset = activation.presets[model]
    defaults = {name: parameter.default for name, parameter in activation.parameters.items()}
    return {
        "model": model,
        "choices": {name: parameter_text(activation, name, value) for name, value in preset.choices.items()},
        "formula": to_text(specialize(activation.formula, {**defaults, **preset.choices})),
        "source": preset.source,
    }


def parameter_text(activation: type[Activation], name: str, value: object) -> str:
    """Return the value of a parameter as people read it."""
    return activation.parameters[name]._replace(default=value).shown


def _special_values(activation: type[Activation]) -> list[SpecialValue]:
    """Return the results in float32 with the defaults, or none for one whose parameters have to be given."""
    if any(parameter.default is REQUIRED for parameter in activation.parameters.values()):
        return []
    if issubclass(activation, Elementwise):
        results = (_texts(calculate(activation.name, NUMBERS)) for calculate in (evaluate, derivative))
        return [{"x": x, "y": y, "derivative": d} for x, y, d in zip(NUMBERS, *results, strict=True)]
    return [{"x": row, "y": _texts(evaluate(activation.name, row))} for row in ROWS]


def _texts(values: "Numbers") -> list[str]:
    return text.shortest(values)


def markdown(description: Description) -> str:
    """Return the facts as a page of Markdown."""
    also = f" Also called {', '.join(description['aliases'])}." if description["aliases"] else ""
    lines = [f"## {description['function']}", "", f"{description['summary']}{also}", ""]
    general = description["general_formula"]
    lines += [f"$${description['latex']}$$", "", f"- formula: `{description['formula']}`"]
    lines += [f"- with parameters: `{general}`"] if description["parameters"] else []
    lines += [f"- derivative: `{description['derivative']}`"]
    lines += [f"- at kinks: {description['at_kinks']}"] if description["at_kinks"] else []
    lines += [f"- range: `{description['range']}`", f"- monotonic: {description['monotonic']}"]
    lines += ["- advantages:", *(f"  - {phrase}" for phrase in description["advantages"])]
    lines += ["- disadvantages:", *(f"  - {phrase}" for phrase in description["disadvantages"])]
    lines += [f"- use: {description['use']}", f"- source: {description['source']}", ""]
    if description["parameters"]:
        lines += _rows(
            ["parameter", "default", "meaning"], [parameter_cells(each) for each in description["parameters"]]
        )
    if description["variants"]:
        lines += _rows(list(VARIANT_HEADINGS), [variant_cells(each, "`{}`") for each in description["variants"]])
    if description["special_values"]:
        lines += _rows(list(description["special_values"][0]), special_rows(description))
    if description["calls"]:
        lines += _rows(["framework", "call"], [[name, f"`{line}`"] for name, line in description["calls"].items()])
    return "\n".join(lines).rstrip() + "\n"


def parameter_cells(each: ParameterDescription) -> list[str]:
    """Return name, defaults and meaning of a parameter as cells of a table."""
    defaults = ["none" if each["default"] is None else each["default"]]
    defaults += [f"{dialect}: {value}" for dialect, value in each["dialects"].items()]
    return [each["name"], "; ".join(defaults), each["help"]]


VARIANT_HEADINGS = ("like", "parameters", "formula", "source")


def variant_cells(each: Variant, code: str = "{}") -> list[str]:
    """Return name, parameters, formula and source of a variant as cells of a table."""
    choices = ", ".join(f"{name} {value}" for name, value in each["choices"].items())
    return [each["model"], choices or "defaults", code.format(each["formula"]), each["source"]]


def special_rows(description: Description) -> list[list[str]]:
    """Return the special values as cells of a table."""
    return [
        [cell if isinstance(cell, str) else ", ".join(cell) for cell in row.values()]
        for row in description["special_values"]
    ]


def _rows(headings: list[str], rows: list[list[str]]) -> list[str]:
    cells = [headings, ["---"] * len(headings), *rows]
    return [*(markdown_row(row).rstrip("\n") for row in cells), ""]
