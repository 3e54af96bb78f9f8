"""The diagnosis of pre-activations as text for people: columns, one layer, or consecutive layers."""

import math
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

import numpy as np

from actcli.cli.views import styles
from actcli.data.batch import Mask
from actcli.data.selection import list_names
from actcli.diagnosis import slopes
from actcli.diagnosis.chain import AGREEMENT, LIMIT, MIN_ROWS, Chain
from actcli.diagnosis.layer import ENOUGH_ROWS, RARE, Layer
from actcli.diagnosis.measure import MeasuredColumns

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_ALIVE = "a smaller learning rate, initial biases of 0, or leaky_relu, whose slope is never 0"
_ADVICE = {
    "blocked": _ALIVE,
    "most dead": _ALIVE,
    "many dead": _ALIVE,
    "stuck": "smaller initial weights or normalisation layers",
    "vanishing": "larger initial weights, normalisation layers or skip connections",
    "collapsed": "larger initial weights, normalisation layers or skip connections",
    "exploding": "smaller initial weights, normalisation layers or gradient clipping",
}
_BAD = {*_ADVICE, "some dead", "rows alike"}
_FLAT = f"|f'| below {slopes.FLAT_SHARE:.0%} of the largest slope"
_WIDE_ENOUGH = 60  # columns for a table of layers
_MAX_NAMES = 8  # neurons that are named


def write(out: IO[str], title: str, report: MeasuredColumns | Chain) -> None:
    """Write the report under the name of the function."""
    console = styles.console(out)
    if isinstance(report, MeasuredColumns):
        parts = _columns(title, report)
    elif len(report.layers) == 1:
        parts = _layer(title, report.layers[0])
    else:
        parts = _chain(title, report, console.width)
    styles.show(console, *parts)


def _paragraph(lines: Sequence[str], verdict: str = "", explanation: str = "") -> "RenderableType":
    """Return indented lines, the last of them a verdict in colour."""
    from rich.padding import Padding
    from rich.text import Text

    paragraph = Text("\n".join(lines))
    if verdict:
        paragraph.append("\n" if lines else "")
        paragraph.append(explanation, styles.BAD if verdict in _BAD else "")
    return Padding(paragraph, (0, 0, 0, 2))


def _advise(verdict: str) -> list["RenderableType"]:
    return [_paragraph([f"try {_ADVICE[verdict]}"])] if verdict in _ADVICE else []


def _columns(title: str, columns: MeasuredColumns) -> list["RenderableType"]:
    """Return a paragraph for each column, and why they bear no verdict."""
    from rich.text import Text

    parts: list[RenderableType] = []
    for i, name in enumerate(columns.names):
        parts.append(Text(f"{title} on {name}: {_count_text(columns, i)}", styles.TITLE))
        parts.append(_paragraph(_column_lines(columns, i) if columns.count[i] else ["no finite numbers"]))
    if slopes.has_off_region(columns.activation):
        reason = "no verdict: one column cannot tell dead neurons from a sparse layer"
    else:
        reason = "no verdict: one column cannot tell stuck neurons, nor what the weights do"
    advice = "give one column per neuron (--neurons), or the files of consecutive layers"
    return [*parts, _paragraph([reason, advice])]


def _count_text(columns: MeasuredColumns, i: int) -> str:
    others = {"NaN": columns.nan[i], "infinite": columns.infinite[i], "empty": columns.missing[i]}
    ignored = ", ".join(f"{count:,} {name}" for name, count in others.items() if count)
    return _plural(int(columns.count[i]), "number") + (f" ({ignored} ignored)" if ignored else "")


def _column_lines(columns: MeasuredColumns, i: int) -> list[str]:
    activation, count = columns.activation, columns.count[i]
    lines = []
    if slopes.has_off_region(activation):
        half = f"; of numbers centred on 0, {activation.name} turns half off"
        lines.append(f"off (f' = 0): {columns.off[i] / count:.1%}" + half * slopes.turns_negatives_off(activation))
    elif slopes.flat_limit(activation):
        lines.append(f"flat ({_FLAT}): {columns.flat[i] / count:.1%}")
    rms = columns.rms_slope(i)
    needed = f"the weights must enlarge it {1 / rms:.3g} times" if rms else "no weights are large enough"
    return [
        *lines,
        f"RMS f': {rms:.3g}; to keep a gradient's size {needed} (He's initial weights: 1.41, Glorot's: 1)",
    ]


def _layer(title: str, layer: Layer) -> list["RenderableType"]:
    """Return what is known of a layer without its neighbours."""
    from rich.text import Text

    heading = f"{title} on {layer.name}: {_plural(layer.rows, 'row')}, {_plural(len(layer.neurons), 'neuron')}"
    verdict = layer.verdict()
    return [
        Text(heading, styles.TITLE),
        _paragraph(_layer_lines(layer) if layer.count.any() else [], verdict, _explain_layer(layer, verdict)),
        *_advise(verdict),
        _paragraph(["a gradient's size cannot be told from one layer"]),
    ]


def _layer_lines(layer: Layer) -> list[str]:
    enough, has_off = layer.rows >= ENOUGH_ROWS, slopes.has_off_region(layer.columns.activation)
    dead, stuck = (layer.dead, layer.stuck) if enough else (layer.silent, layer.flat)
    lines = []
    if has_off or dead.any():
        lines.append(_name_neurons("dead" if enough else "silent", "f' = 0 in every row", layer, dead))
    if not has_off or stuck.any():
        lines.append(_name_neurons("stuck" if enough else "flat", f"{_FLAT} in every row", layer, stuck))
    if enough and (dead | stuck).any():
        lines.append(
            f"each of these may still be active on up to {_percent(layer.active_bound)} of inputs (95% confidence)"
        )
    if (has_off and layer.rows * RARE >= 1) or layer.rare.any():
        lines.append(_name_neurons("rarely active", "in under 1% of rows", layer, layer.rare))
    if has_off and len(layer.activity):
        least, median, most = np.quantile(layer.activity, [0, 0.5, 1])
        lines.append(f"living neurons are active in {least:.1%} to {most:.1%} of the rows (median {median:.1%})")
    living = (
        f"; of living neurons: {layer.rms_slope_of_living:.3g}" if layer.silent.any() and len(layer.activity) else ""
    )
    after = "" if math.isnan(layer.output_spread) else f" ({_percent(layer.output_spread)} after the function)"
    spread = f"rows differ by {_percent(layer.input_spread)} of their size{after}"
    return [*lines, f"RMS f': {layer.rms_slope:.3g}{living}", spread]


def _name_neurons(word: str, rule: str, layer: Layer, mask: Mask) -> str:
    names = [name for name, is_meant in zip(layer.neurons, mask, strict=True) if is_meant]
    return f"{word} ({rule}): {_share(len(names), layer)}" + (f": {list_names(names, _MAX_NAMES)}" if names else "")


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{100 * share:.2g}%"


def _share(count: int, layer: Layer) -> str:
    size = len(layer.neurons)
    return f"{count} of {size} neurons ({count / size:.1%})" if count else f"0 of {size} neurons"


def _explain_layer(layer: Layer, verdict: str) -> str:
    """Return the verdict on a layer with what it rests on."""
    dead, stuck = int(layer.dead.sum()), int(layer.stuck.sum())
    silent = int((layer.silent | layer.flat).sum())
    explanations = {
        "blocked": f"all {_plural(dead, 'neuron')} are dead; no gradient passes",
        "stuck": f"{_share(stuck, layer)} hardly pass any gradient",
        "too few rows": (
            f"{_share(silent, layer)} silent in all {layer.rows} rows; too few to call dead (may be active on up to "
            f"{_percent(layer.active_bound)} of inputs)"
        ),
        "rows alike": "whatever the input, this layer's output is nearly the same",
        "no dead neuron": "each passes a gradient in at least one row",
    }
    explanation = explanations.get(verdict, f"{dead / len(layer.neurons):.1%} of the neurons")
    return verdict if verdict == "no finite numbers" else f"{verdict}: {explanation}"


def _chain(title: str, chain: Chain, width: int) -> list["RenderableType"]:
    """Return a table of the layers, and what becomes of a gradient between them."""
    from rich.padding import Padding
    from rich.text import Text

    first, last = chain.layers[0], chain.layers[-1]
    order = ", ".join(layer.name for layer in chain.layers)
    heading = f"{title} through {len(chain.layers)} layers, from first to last: {order} ({_plural(first.rows, 'row')})"
    verdict = chain.verdict()
    lines = _explain_chain(chain, verdict, first.name, last.name)
    rows = _rows(chain)
    table = _table(rows) if width >= _WIDE_ENOUGH else _paragraph([_one_line(rows[0], row) for row in rows[1:]])
    return [
        Text(heading, styles.TITLE),
        Padding(table, (0, 0, 0, 2)) if width >= _WIDE_ENOUGH else table,
        _paragraph([], verdict, lines[0]),
        *([_paragraph(lines[1:])] if lines[1:] else []),
        *_advise(verdict),
    ]


def _table(rows: list[list[str]]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style=styles.HEADING)
    table.add_column("layer", overflow="fold")
    for heading in rows[0][1:]:
        table.add_column(heading, justify="right")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _one_line(headings: list[str], row: list[str]) -> str:
    """Return what is said of a layer, for a terminal in which a table would cut numbers."""
    facts = (f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=False) if cell)
    return f"{row[0]}: {', '.join(facts)}"


def _rows(chain: Chain) -> list[list[str]]:
    """Return the headings, then what is said of each layer."""
    enough = chain.layers[0].rows >= ENOUGH_ROWS
    has_stuck = any(layer.flat.any() for layer in chain.layers)
    headings = ["layer", "dead" if enough else "silent", *["stuck" if enough else "flat"] * has_stuck]
    rows = [[*headings, "RMS f'", "weights' gain", "one layer back", "from the last"]]
    is_open = bool(chain.breaks())
    steps = [*chain.steps, None]
    for layer, step, change in zip(chain.layers, steps, chain.changes(), strict=True):
        dead, stuck = (layer.dead, layer.stuck) if enough else (layer.silent, layer.flat)
        counts = [dead.sum(), *[stuck.sum()] * has_stuck]
        changes = [layer.rms_slope, *([step.gain, step.change] if step else [math.nan] * 2), change]
        cells = [_number(number) for number in (changes[:1] if is_open else changes)]
        rows.append([layer.name, *(f"{count} of {len(layer.neurons)}" for count in counts), *cells])
    return rows


def _number(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.3g}"


def _explain_chain(chain: Chain, verdict: str, first: str, last: str) -> list[str]:
    """Return the verdict on a chain with what it rests on, and what to know of it."""
    if verdict == "no verdict":
        return [_explain_open(chain)]
    if verdict == "blocked":
        layers = [layer.name for layer in chain.blocked()]
        return [f"blocked at {', '.join(layers)}: all neurons are dead; no gradient gets past {layers[-1]}"]
    if verdict == "collapsed":
        layers = [layer.name for layer in chain.collapsed()]
        return [
            f"collapsed: rows that differ at {first} are alike at {', '.join(layers)}; hardly any gradient gets back"
        ]
    if verdict == "undecided":
        return [f"undecided: {_explain_undecided(chain)}"]
    change, steps = chain.changes()[0], len(chain.steps)
    verdicts = {
        "kept": f"kept within a factor of {LIMIT:,.0f}",
        "vanishing": f"vanishing (below 1/{LIMIT:,.0f})",
        "exploding": f"exploding (above {LIMIT:,.0f})",
    }
    each = f" ({change ** (1 / steps):.2g} times a layer)" if steps > 1 else ""
    before, after = chain.usual_errors()
    return [
        f"{verdicts[verdict]}: the gradient at {first} is {change:.3g} times that at {last}{each}",
        f"an estimate, usually within a factor of {before:.2g} before training and {after:.2g} after it",
        _describe_check(chain),
    ]


def _explain_open(chain: Chain) -> str:
    if empty := chain.empty():
        return f"no verdict: {empty[0].name} has no finite numbers"
    breaks = chain.breaks()
    lower, upper = chain.layers[breaks[0]], chain.layers[breaks[0] + 1]
    more = f" and at {len(breaks) - 1} more place{'s' * (len(breaks) > 2)}" if len(breaks) > 1 else ""
    return (
        f"no verdict: not a plain chain between {lower.name} and {upper.name}{more} (skip connection, normalisation, "
        "another function, or rows in another order)"
    )


def _explain_undecided(chain: Chain) -> str:
    if chain.layers[0].rows < MIN_ROWS:
        return f"at least {MIN_ROWS} rows are needed"
    if math.isinf(chain.disagreement()):
        return "these rows allow no estimate of how a gradient's size changes"
    estimates = f"{chain.changes()[0]:.3g} and {chain.other_change():.3g}"
    return f"two estimates of how a gradient's size changes differ by more than {AGREEMENT:g} times: {estimates}"


def _describe_check(chain: Chain) -> str:
    if not (unchecked := chain.unchecked()):
        return "plain chain: each layer is a linear map of the output of the one before"
    between = f"{chain.layers[unchecked[0]].name} and {chain.layers[unchecked[0] + 1].name}"
    more = f" and {len(unchecked) - 1} more" if len(unchecked) > 1 else ""
    return f"not checked for skip connections between {between}{more}: that takes over twice as many rows as neurons"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
