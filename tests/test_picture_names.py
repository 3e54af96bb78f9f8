"""The names in a picture: each once, beside its own curve or in the legend, and over nothing else."""

import io
import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from actcli.api import prepare
from actcli.cli.views import plot_file, sampling
from tests.drawing import ELEMENTWISE, required

PICTURES = [
    (["relu", "gelu", "silu", "elu", "leaky_relu"], False),
    (["relu", "gelu", "silu"], True),
    (["tanh"], True),
    (["relu", "relu6", "sigmoid"], False),
    (["sigmoid", "hard_sigmoid", "tanh", "hard_tanh", "softsign", "elu", "selu"], False),
]


def figure_of(curves: list[sampling.Curve], monkeypatch: pytest.MonkeyPatch, **options: object) -> Figure:
    """Return the figure that is written for curves, laid out."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: figures.append(self))
    plot_file.write(curves, io.BytesIO(), "png", **options)
    figures[0].draw_without_rendering()
    return figures[0]


def curves_of(names: list[str], derivative: bool) -> list[sampling.Curve]:
    """Return the curves as the command draws them."""
    activations = [prepare(name, {}, "float32") for name in names]
    x = np.linspace(*sampling.window(activations), 961, dtype=np.float32)
    return sampling.curves(activations, x, derivative=derivative)


def crossings(curve: sampling.Curve, figure: Figure, places: np.ndarray) -> np.ndarray:
    """Return how high a curve is, in dots of the picture, at places across it."""
    axes = figure.axes[0]
    there = np.isfinite(curve.y)
    dots = axes.transData.transform(np.stack([curve.x[there], curve.y[there]], axis=1))
    return np.interp(places, *dots.T)


@pytest.mark.parametrize(("names", "derivative"), PICTURES, ids=str)
def test_a_name_stands_beside_its_own_curve_and_covers_nothing(names, derivative, monkeypatch):
    """Of all curves, its own is nearest; those without such a place are in the legend."""
    curves = curves_of(names, derivative)
    figure = figure_of(curves, monkeypatch)
    (axes,) = figure.axes
    beside = {text.get_text(): text.get_window_extent() for text in axes.texts}
    below = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert sorted([*beside, *below]) == sorted(curve.label for curve in curves)
    assert beside
    for one, other in itertools.combinations(beside.values(), 2):
        assert Bbox.intersection(one, other) is None
    for name, box in beside.items():
        assert axes.bbox.x0 <= box.x0 < box.x1 <= axes.bbox.x1 + 1
        assert axes.bbox.y0 <= box.y0 < box.y1 <= axes.bbox.y1 + 1
        places = np.linspace(box.x0, box.x1, 20)
        heights = {curve.label: crossings(curve, figure, places) for curve in curves}
        for height in heights.values():
            assert not ((box.y0 < height) & (height < box.y1)).any(), name
        away = {label: np.abs(height - (box.y0 + box.y1) / 2).mean() for label, height in heights.items()}
        assert min(away, key=away.__getitem__) == name


def test_curves_that_cannot_be_told_apart_are_named_in_a_legend(monkeypatch):
    """As relu and relu6 below 6; the picture makes room for it."""
    x = np.linspace(-2, 2, 99, dtype=np.float32)
    curves = sampling.curves([prepare(name, {}, "float32") for name in ("relu", "relu6")], x)
    figure = figure_of(curves, monkeypatch)
    assert not figure.axes[0].texts
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["relu", "relu6"]
    assert legend.get_window_extent().y1 <= figure.axes[0].bbox.y0


@pytest.mark.parametrize("activation", [each for each in ELEMENTWISE if not required(each)], ids=lambda each: each.name)
def test_a_function_alone_needs_no_legend(activation, monkeypatch):
    """Its name stands beside its curve; only one with its parameters in it may find no room."""
    prepared = prepare(activation.name, {}, "float32")
    curves = sampling.curves([prepared], np.linspace(*prepared.window, 241, dtype=np.float32))
    figure = figure_of(curves, monkeypatch)
    assert [text.get_text() for text in figure.axes[0].texts] == [curves[0].label]
    assert not figure.legends
