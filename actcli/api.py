"""The library's door: the name of an activation, numbers and parameters in, an array out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from actcli import catalogue, registry  # noqa: F401  importing the catalogue registers its activations
from actcli.activation import Activation

if TYPE_CHECKING:  # NumPy is loaded by the first call
    import numpy as np
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from actcli.compute import Numerics
    from actcli.dialects import DialectName
    from actcli.keywords import Keywords


def activations() -> list[str]:
    """Return the names of all activations, in the order of the catalogue."""
    return [each.name for each in registry.registered()]


def get(name: str) -> type[Activation]:
    """Return the class of an activation: its formula, source, parameters, value and derivative.

    Args:
        name: a name or an alias; case, ``-`` and ``_`` do not matter.

    Raises:
        ActcliError: if there is no such activation; the message suggests similar names.

    """
    return registry.find(name)


def evaluate(
    name: str,
    x: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    numerics: Numerics = "exact",
    dialect: DialectName | None = None,
    **parameters: Unpack[Keywords],
) -> NDArray[np.floating[Any]]:
    """Return the values of an activation.

    Args:
        name: name or alias of the activation.
        x: array-like of any shape; never written to. A floating array keeps its dtype, everything else
            becomes float32, unless ``dtype`` says otherwise. Text is read as the nearest number of the dtype.
        dtype: one of the formats of ``numerics.dtypes``, as a name or NumPy dtype.
        numerics: ``"exact"`` for the true value rounded once (along an axis within 0.501 ulp), ``"tensorflow2"``
            for the bits of the tutorial (relu, sigmoid, tanh in float32).
        dialect: the framework whose defaults and conventions are meant, one of ``DialectName``; keras by default.
            It changes definitions, never accuracy.
        **parameters: the activation's parameters, as numbers or as text; for one that may differ from column to
            column (slope of prelu), a list too: one number for each place along the last axis of x.

    Returns:
        A NumPy array of the shape of x; of a packed activation, half as long along its axis.

    Raises:
        ActcliError: for a name, parameter, dtype, dialect or number that is not accepted.

    """
    from actcli import compute

    values = compute.as_array(x, dtype)
    return compute.compute_values(prepare(name, parameters, values.dtype, dialect), values, numerics)


def derivative(
    name: str,
    x: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    numerics: Numerics = "exact",
    dialect: DialectName | None = None,
    **parameters: Unpack[Keywords],
) -> NDArray[np.floating[Any]]:
    """Return the derivatives of an elementwise activation; arguments, result and errors as in ``evaluate``."""
    from actcli import compute

    values = compute.as_array(x, dtype)
    return compute.compute_derivatives(prepare(name, parameters, values.dtype, dialect), values, numerics)


def vjp(
    name: str,
    x: ArrayLike,
    g: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    dialect: DialectName | None = None,
    **parameters: Unpack[Keywords],
) -> NDArray[np.floating[Any]]:
    """Return the vector-Jacobian product of an activation: for each x, the sum of g times what it adds to each result.

    Args:
        name: name or alias of the activation.
        x: array-like of any shape, as in ``evaluate``; never written to.
        g: array-like of the shape of the result, rounded to the dtype of x: a number for each result, such as the
            gradient of a loss; never written to.
        dtype: as in ``evaluate``.
        dialect: as in ``evaluate``.
        **parameters: as in ``evaluate``.

    Returns:
        A NumPy array of the shape and dtype of x: elementwise rounded once, along an axis within 0.501 ulp and 2**-66
        of the sizes of the terms that are added.

    Raises:
        ActcliError: as ``evaluate``, and for g of another shape than the result.

    """
    from actcli import compute

    values = compute.as_array(x, dtype)
    weights = compute.as_array(g, values.dtype, "g")
    return compute.compute_vjp(prepare(name, parameters, values.dtype, dialect), values, weights)


def prepare(name: str, parameters: Mapping[str, object], dtype: DTypeLike, dialect: str | None = None) -> Activation:
    """Return the activation of that name, its parameters converted for numbers of the dtype.

    Raises:
        ActcliError: for a name, parameter, dtype or dialect that is not accepted.

    """
    from actcli.numerics import dtypes

    return registry.find(name).create(parameters, dtypes.find(dtype).parameters, dialect)
