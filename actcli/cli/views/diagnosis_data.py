"""The diagnosis of pre-activations as data: JSON, separated values and Markdown."""

import csv
import json
import math
from typing import IO

import numpy as np

from actcli.data.batch import Mask
from actcli.diagnosis.chain import Chain
from actcli.diagnosis.layer import Layer
from actcli.diagnosis.measure import MeasuredColumns
from actcli.formats.text import markdown_row

Entries = dict[str, object]


def write(out: IO[str], kind: str, title: str, report: MeasuredColumns | Chain) -> None:
    """Write the report: in JSON with the names of neurons, else a row for each column or layer."""
    document: Entries = {"function": title}
    if isinstance(report, Chain):
        rows = _layer_rows(report)
        layers = [row | _neuron_names(layer) for row, layer in zip(rows, report.layers, strict=True)]
        document |= {"layers": layers} | (together := _chain_entries(report))
        rows = [row | together for row in rows]
    else:
        document["columns"] = rows = _column_rows(report)
    if kind == "json":
        json.dump(_without_nan(document), out, ensure_ascii=False)
        out.write("\n")
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    if kind == "markdown":
        table.insert(1, ["---"] * len(table[0]))
        out.writelines(map(markdown_row, table))
    else:
        csv.writer(out, delimiter="\t" if kind == "tsv" else ",", lineterminator="\n").writerows(table)


def _column_rows(columns: MeasuredColumns) -> list[Entries]:
    deviations = np.sqrt(columns.inputs.variance())
    return [
        {
            "column": name,
            "count": int(count := columns.count[i]),
            "nan": int(columns.nan[i]),
            "infinite": int(columns.infinite[i]),
            "missing": int(columns.missing[i]),
            "mean": float(columns.inputs.mean[i]) if count else math.nan,
            "standard_deviation": float(deviations[i]) if count else math.nan,
            "off": float(columns.off[i] / count) if count else math.nan,
            "flat": float(columns.flat[i] / count) if count else math.nan,
            "rms_derivative": (rms := columns.rms_slope(i)),
            "needed_gain": 1 / rms if rms else math.inf,
            "verdict": "no verdict" if count else "no finite numbers",
        }
        for i, name in enumerate(columns.names)
    ]


def _layer_rows(chain: Chain) -> list[Entries]:
    """Return the entries of each layer; those of the way from the last one only in a chain that bears them."""
    rows = [_layer_entries(layer) for layer in chain.layers]
    if len(rows) > 1:
        is_open = bool(chain.breaks())
        for row, step, change in zip(rows, [*chain.steps, None], chain.changes(), strict=True):
            row["weights_gain"] = step.gain if step and not is_open else math.nan
            row["change_one_layer_back"] = step.change if step and not is_open else math.nan
            row["change_from_last"] = math.nan if is_open else change
            row["plain_step"] = step.is_plain if step else None
    return rows


def _layer_entries(layer: Layer) -> Entries:
    activity = layer.activity if len(layer.activity) else np.array([math.nan])
    least, median, most = np.quantile(activity, [0, 0.5, 1]).tolist()
    return {
        "layer": layer.name,
        "rows": layer.rows,
        "neurons": len(layer.neurons),
        "silent": int(layer.silent.sum()),
        "dead": int(layer.dead.sum()),
        "flat": int(layer.flat.sum()),
        "stuck": int(layer.stuck.sum()),
        "rarely_active": int(layer.rare.sum()),
        "active_at_most": layer.active_bound,
        "least_active": least,
        "median_active": median,
        "most_active": most,
        "rms_derivative": layer.rms_slope,
        "rms_derivative_of_living": layer.rms_slope_of_living,
        "rows_differ": layer.input_spread,
        "outputs_differ": layer.output_spread,
        "verdict": layer.verdict(),
    }


def _neuron_names(layer: Layer) -> Entries:
    """Return the names of neurons that are not as they should be."""
    masks = {"silent_neurons": layer.silent, "flat_neurons": layer.flat, "rarely_active_neurons": layer.rare}
    return {key: _names(layer, mask) for key, mask in masks.items()}


def _names(layer: Layer, mask: Mask) -> list[str]:
    return [name for name, is_meant in zip(layer.neurons, mask, strict=True) if is_meant]


def _chain_entries(chain: Chain) -> Entries:
    """Return what is said of all layers together; nothing of a single one."""
    if len(chain.layers) == 1:
        return {}
    is_open = bool(chain.breaks())
    before, after = chain.usual_errors()
    return {
        "gradient": chain.verdict(),
        "change": math.nan if is_open else chain.changes()[0],
        "second_estimate": math.nan if is_open else chain.other_change(),
        "usual_error_before_training": before,
        "usual_error_after_training": after,
        "plain_chain": False if is_open else None if chain.unchecked() else True,
    }


def _cell(value: object) -> str:
    """Return a value as a cell; what is not known is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_nan(value: object) -> object:
    """Return a value with null for the numbers that JSON lacks."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
