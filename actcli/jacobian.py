"""The product of a vector with the Jacobian of an activation: how a gradient goes back through it."""

from typing import Any

from actcli.activation import Activation, AlongAxis, Elementwise
from actcli.errors import ActcliError
from actcli.evaluate import array, blocks_of, derivatives_of, prepare, rounded, rows_of


def vjp(name: str, x: Any, g: Any, *, dtype: Any = None, dialect: str | None = None, **parameters: Any) -> Any:
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
        A NumPy array of the shape and dtype of x, computed in pairs of float64 and rounded once.

    Raises:
        ActcliError: as ``evaluate``, and for g of another shape than the result.

    """
    import numpy as np

    x = array(x, dtype)
    g = array(g, x.dtype, "g")
    block = prepare(name, parameters, x.dtype, dialect)
    if isinstance(block, AlongAxis):
        return _along_axis(block, x, g)
    blocks = blocks_of(block, x)
    _check_shape(block.name, g, x.shape)
    if blocks:
        return np.stack([_elementwise(part, x[..., i], g[..., i]) for i, part in enumerate(blocks)], axis=-1)
    return _elementwise(block, x, g)


def _check_shape(name: str, g: Any, shape: tuple[int, ...]) -> None:
    if g.shape != shape:
        raise ActcliError(f"{name}: g has shape {g.shape}; accepted is that of the result, {shape}")


def _along_axis(block: AlongAxis, x: Any, g: Any) -> Any:
    import numpy as np

    from actcli.numerics import double_double, pairs

    rows, length = rows_of(block, x)
    axis = block.axis % x.ndim
    _check_shape(block.name, g, (*x.shape[:axis], length, *x.shape[axis + 1 :]))
    if not x.size:
        return x.copy()
    with np.errstate(all="ignore"):
        wide = (pairs.DoubleDouble(numbers.astype(np.float64)) for numbers in (rows, np.moveaxis(g, axis, -1)))
        return np.moveaxis(rounded(block.vjp(double_double, *wide), x.dtype), -1, axis)


def _elementwise(block: Activation, x: Any, g: Any) -> Any:
    import numpy as np

    from actcli.numerics import elementwise

    assert isinstance(block, Elementwise)
    flat, factors = x.reshape(-1), g.reshape(-1)
    result = np.empty_like(flat)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, elementwise.BLOCK):
            part = slice(start, start + elementwise.BLOCK)
            result[part] = rounded(_slope(block, flat[part]) * factors[part].astype(np.float64), x.dtype)
    return result.reshape(x.shape)


def _slope(block: Elementwise, x: Any) -> Any:
    """Return the derivatives in pairs of float64, at infinities their limits."""
    import numpy as np

    from actcli.numerics import double_double, pairs

    wide = x.astype(np.float64)
    slope = pairs.as_pair(block.derivative(double_double, pairs.DoubleDouble(wide)), x.shape)
    beyond = ~np.isfinite(wide)
    limits = np.zeros(x.shape)
    limits[beyond] = derivatives_of(block, wide[beyond], "exact")
    return double_double.where(beyond, limits, slope)
