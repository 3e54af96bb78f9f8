"""What real frameworks return is what actcli gives in their dialects, up to disagreements whose reasons are known."""

from functools import cache

import numpy as np
import pytest

import actcli
from actcli.parameters import Ratio
from tests.reference.disagreements import (
    DIALECTS,
    REASONS,
    Disagreement,
    Recording,
    disagreements,
    reason,
    recorded,
)

RECORDED_PER_FRAMEWORK = 4_000


@cache
def recording(framework: str) -> Recording:
    """Return what was recorded of a framework, read once."""
    return recorded(framework)


@cache
def found(framework: str) -> list[Disagreement]:
    """Return the disagreements with a framework, compared once."""
    return list(disagreements(recording(framework)))


@pytest.mark.parametrize("framework", DIALECTS)
def test_every_disagreement_has_a_reason(framework):
    """Whatever differs beyond float32 arithmetic is explained, number by number."""
    assert [d for d in found(framework) if reason(d) is None] == []


@pytest.mark.parametrize("framework", DIALECTS)
def test_enough_is_compared(framework):
    """The recordings are read whole, and nearly all of their numbers are of functions that actcli has."""
    compared = sum(y.size for _, (_, y) in recording(framework).known())
    assert compared > RECORDED_PER_FRAMEWORK
    assert compared > 0.95 * sum(y.size for _, y in recording(framework).results.values())


@pytest.mark.parametrize("why", REASONS, ids=lambda why: why.text)
def test_no_reason_is_idle(why):
    """Each framework, function and kind that a reason names has a disagreement for that reason."""
    used = [d for framework in DIALECTS for d in found(framework) if reason(d) is why]
    assert {d.framework for d in used} == set(why.frameworks.split())
    assert {d.function for d in used} == set(why.functions.split())
    assert {d.kind for d in used} == set(why.kinds.split())


@pytest.mark.parametrize("framework", DIALECTS)
def test_a_dialect_has_the_defaults_of_its_framework(framework):
    """Those that the recordings name, also where values alone would not tell, as for PyTorch's softplus."""
    dialect = DIALECTS[framework]
    for function, defaults in recording(framework).defaults.items():
        if function not in actcli.activations() or dialect not in (activation := actcli.get(function)).dialects:
            continue
        actual = {name: parameter.default for name, parameter in activation.parameters.items()} | dict(
            activation.dialects[dialect].defaults
        )
        for name, reference in defaults.items():
            assert same(actual[activation.parameter_name(name)], reference), (function, name)


def same(actual: float | bool | Ratio | None, reference: str) -> bool:
    """Tell whether a default of actcli is the one that was recorded."""
    if isinstance(actual, Ratio):
        return actual.numerator / actual.denominator == float(reference)
    return str(actual) == reference if actual is None or isinstance(actual, bool) else actual == float(reference)


@pytest.mark.parametrize("framework", DIALECTS)
def test_the_comparison_sees_a_wrong_result(framework):
    """A result of the framework that is off by a few units in the fifth digit, or is NaN, becomes a disagreement."""
    whole = recording(framework)
    key = ("tanh", "", "value")
    x, y = whole.results[key]
    for wrong in (y * np.float32(1.00003), np.full_like(y, np.nan)):
        spoilt = [d for d in disagreements(whole._replace(results={key: (x, wrong)})) if reason(d) is None]
        assert len(spoilt) > 100
