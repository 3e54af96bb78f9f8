"""Block + parameters + dtype + numerics -> array: the one door for the library and the command line."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from actcli import activation, catalogue  # noqa: F401  importing the catalogue registers its blocks
from actcli.activation import FRAMEWORKS, REQUIRED, Activation, AlongAxis, Elementwise, Packed, Parameter, Ratio
from actcli.errors import ActcliError, choose

NUMERICS = ("exact", "tensorflow2")


def evaluate(
    name: str, x: Any, *, dtype: Any = None, numerics: str = "exact", dialect: str | None = None, **parameters: Any
) -> Any:
    """Return the values of an activation.

    Args:
        name: name or alias of the activation.
        x: array-like of any shape; never written to. A floating array keeps its dtype, everything else
            becomes float32, unless ``dtype`` says otherwise. Text is read as the nearest number of the dtype.
        dtype: one of the formats of ``numerics.dtypes``, as a name or NumPy dtype.
        numerics: ``"exact"`` for the true value rounded once (float64: within 1 ulp; along an axis: within
            0.501 ulp), ``"tensorflow2"`` for the bits of the tutorial (relu, sigmoid, tanh in float32).
        dialect: the framework whose defaults and conventions are meant: keras (the default), keras2, torch, jax
            or onnx. It changes definitions, never accuracy.
        **parameters: the activation's parameters, as numbers or as text; for one that may differ from column to
            column (slope of prelu), a list too: one number for each place along the last axis of x.

    Returns:
        A NumPy array of the shape of x; of a packed activation, half as long along its axis.

    Raises:
        ActcliError: for a name, parameter, dtype, dialect or number that is not accepted.

    """
    values = array(x, dtype)
    return values_of(prepare(name, parameters, values.dtype, dialect), values, numerics)


def derivative(
    name: str, x: Any, *, dtype: Any = None, numerics: str = "exact", dialect: str | None = None, **parameters: Any
) -> Any:
    """Return the derivatives of an elementwise activation; arguments, result and errors as in ``evaluate``."""
    values = array(x, dtype)
    return derivatives_of(prepare(name, parameters, values.dtype, dialect), values, numerics)


def prepare(name: str, parameters: Mapping[str, Any], dtype: Any, dialect: str | None = None) -> Activation:
    """Return the block of that name, holding its parameters rounded as numbers of the dtype need them."""
    from actcli.numerics import dtypes

    block = activation.find(name)
    format = dtypes.find(dtype).parameters
    given: dict[str, Any] = {}
    for spelling, value in parameters.items():
        name = block.parameter_name(spelling)
        if name in given:
            raise ActcliError(f"{block.name}: {name} is given twice, the second time as {spelling}")
        given[name] = value
    values = {name: parameter.default for name, parameter in block.parameters.items()}
    prepared = block(
        **{
            name: _parameter(block, name, value, format)
            for name, value in (values | _defaults(block, dialect) | given).items()
        }
    )
    prepared.dialect = dialect or "keras"
    return prepared


def _defaults(block: type[Activation], dialect: str | None) -> dict[str, Any]:
    """Return the defaults that a dialect has of its own; raise ActcliError if it lacks the block."""
    if dialect is None or choose("dialect", dialect, FRAMEWORKS) in block.dialects:
        return block.dialects.get(dialect or "keras", {})
    nearest = f"; its nearest is {block.nearest}" if block.nearest else ""
    known = ", ".join(name for name in FRAMEWORKS if name in block.dialects) or "none"
    raise ActcliError(f"{dialect} has no {block.name}{nearest} (dialects that have it: {known})")


def _parameter(block: type[Activation], name: str, value: Any, format: Any) -> Any:
    """Return the value of a parameter, rounded to the format; raise ActcliError if it is none or not accepted."""
    parameter = block.parameters[name]
    if value is REQUIRED:
        raise ActcliError(f"{block.name} needs {name}: {parameter.help}")
    if (value is None and parameter.default is None) or isinstance(value, Ratio):
        return value
    if isinstance(parameter.kind, tuple):
        return choose(f"{block.name}: {name}", str(value), parameter.kind)
    if parameter.kind is bool:
        return _switch(block, name, value)
    listed = _listed(value) if parameter.per_column else [value]
    numbers = [_limited(f"{block.name}: {name}", parameter, number, format) for number in listed]
    return numbers if len(numbers) > 1 else numbers[0]


def _listed(value: Any) -> list[Any]:
    """Return the numbers of a list or of text like ``0.1,0.2``; anything else as the only one."""
    if isinstance(value, str):
        return value.split(",")
    several = isinstance(value, list | tuple) or getattr(value, "ndim", 0) == 1
    return list(value) if several and len(value) else [value]


def _limited(name: str, parameter: Parameter, value: Any, format: Any) -> int | float:
    """Return one number, rounded to the format; raise ActcliError if the parameter of that name does not accept it."""
    number = _number(value, format)
    whole = parameter.kind is int
    if number is None or (whole and not number.is_integer()):
        raise ActcliError(f"{name} takes {'a whole number' if whole else 'a number'}, not {value!r}")
    if parameter.domain != "any" and math.isinf(number):
        raise ActcliError(f"{name} has to be finite, not {value!r}")
    relation, _, bound = parameter.domain.partition(" ")
    if bound and not _RELATIONS[relation](number, float(bound)):
        raise ActcliError(f"{name} has to be {parameter.domain}, not {value!r}")
    return int(number) if whole else number


_RELATIONS = {">": operator.gt, ">=": operator.ge, "!=": operator.ne}


def _number(value: Any, format: Any) -> float | None:
    import numpy as np

    from actcli.numerics import rounding, text

    try:
        if isinstance(value, str):
            number: float = text.parse([value], format).item()
        else:
            number = rounding.nearest(np.array(value, dtype=np.float64), format).item()
    except (ActcliError, TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


def _switch(block: type[Activation], name: str, value: Any) -> bool:
    words = {"true": True, "false": False, "tanh": True, "none": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ActcliError(f"{block.name}: {name} is one of {', '.join(words)}, not {value!r}")
    return words[str(value).lower()]


def values_of(block: Activation, x: Any, numerics: str) -> Any:
    """Return the values of a prepared block for an array; result and errors as in ``evaluate``."""
    if blocks := blocks_of(block, x):
        return _by_column(values_of, blocks, x, numerics)
    if choose("numerics", numerics, NUMERICS) == "tensorflow2":
        return _tensorflow2(block, x)
    if isinstance(block, AlongAxis):
        return _along_axis(block, x)
    assert isinstance(block, Elementwise)
    return _elementwise(block, block.value, block.value_terms, x)


def derivatives_of(block: Activation, x: Any, numerics: str) -> Any:
    """Return the derivatives of a prepared block for an array; result and errors as in ``derivative``."""
    if blocks := blocks_of(block, x):
        return _by_column(derivatives_of, blocks, x, numerics)
    if choose("numerics", numerics, NUMERICS) != "exact":
        raise ActcliError(f"numerics {numerics} defines values only; derivatives need --numerics exact")
    if not isinstance(block, Elementwise):
        raise ActcliError(
            f"{block.name} has a Jacobian, not a derivative per value: each result depends on several "
            "inputs; in Python, actcli.vjp gives the product of a vector with it"
        )
    return _elementwise(block, block.derivative, block.derivative_terms, x)


def blocks_of(block: Activation, x: Any) -> list[Activation]:
    """Return a block for each place along the last axis of x, if a parameter is a list; else none."""
    count = x.shape[-1] if x.ndim else 1
    return block.for_columns(count, f"{count} number{'s' * (count != 1)} along the last axis of x")


def _by_column(function: Callable[..., Any], blocks: list[Activation], x: Any, numerics: str) -> Any:
    import numpy as np

    return np.stack([function(block, x[..., i], numerics) for i, block in enumerate(blocks)], axis=-1)


def _elementwise(block: Elementwise, call: Callable[[Any, Any], Any], terms: Any, x: Any) -> Any:
    from actcli.numerics import dtypes, elementwise

    function = elementwise.Function(call, block.error, terms, block.rational, block.direct)
    return elementwise.evaluated(function, x, dtypes.find(x.dtype))


def array(x: Any, dtype: Any, name: str = "x") -> Any:
    """Return x as an array of the dtype asked for, or of its own if that is floating, or of float32."""
    import numpy as np

    from actcli.numerics import dtypes, rounding, text

    try:
        values = np.asarray(x)
    except ValueError as error:
        raise ActcliError(f"{name} is no array: {error}") from None
    kind = values.dtype.kind
    own = hasattr(x, "dtype") and kind not in "biuUSOc"
    format = dtypes.find(dtype if dtype is not None else values.dtype if own else "float32")
    if values.dtype == format.dtype:
        return values
    if kind == "c":
        raise ActcliError(f"{name} is complex; accepted are real numbers ({', '.join(dtypes.FORMATS)})")
    if kind in "USO" or (kind in "iu" and values.size and max(int(values.max()), -int(values.min())) > 2**53):
        return text.parse([str(value) for value in values.flat], format).reshape(values.shape)
    with np.errstate(all="ignore"):  # a NaN of bfloat16 counts as an invalid cast
        wide = values.astype(np.float64)
    return rounding.nearest(wide, format)


def _along_axis(block: AlongAxis, x: Any) -> Any:
    """Return the block's values along its axis, computed in pairs of float64 and rounded once."""
    import numpy as np

    rows, length = rows_of(block, x)
    result = rows[..., :length].copy()
    if x.size:
        from actcli.numerics import double_double, pairs

        with np.errstate(all="ignore"):
            y = block.value(double_double, pairs.DoubleDouble(rows.astype(np.float64)))
        result = rounded(y, x.dtype)
    return np.moveaxis(result, -1, block.axis)


def rows_of(block: AlongAxis, x: Any) -> tuple[Any, int]:
    """Return x with the block's axis as the last one, and the length of the results along it."""
    import numpy as np

    length = x.shape[block.place(x.ndim)]
    if isinstance(block, Packed):
        length, odd = divmod(length, 2)
        if odd:
            raise ActcliError(
                f"{block.name} takes {' and '.join(block.halves)} as the two halves of the numbers along the axis; "
                f"accepted is an even number of them, not {2 * length + 1}"
            )
    return np.moveaxis(x, block.axis, -1), length


def rounded(y: Any, dtype: Any) -> Any:
    """Return pairs of float64 rounded once to the dtype."""
    from actcli.numerics import dtypes, rounding

    format = dtypes.find(dtype)
    return y.high if format.name == "float64" else rounding.nearest_pair(y.high, y.low, format)


def _tensorflow2(block: Activation, x: Any) -> Any:
    """Return what the tutorial's TensorFlow printed for a float32 array."""
    import numpy as np

    from actcli.numerics import elementwise, tensorflow2

    if block.tensorflow2 is None:
        known = ", ".join(block.name for block in activation.registered() if block.tensorflow2)
        raise ActcliError(f"numerics tensorflow2 is known for {known}, not for {block.name}; use exact")
    if x.dtype != np.float32:
        raise ActcliError(f"numerics tensorflow2 is known for float32, not for {x.dtype}; use exact")
    result = np.empty_like(flat := x.reshape(-1))
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, elementwise.BLOCK):
            part = slice(start, start + elementwise.BLOCK)
            result[part] = block.tensorflow2(tensorflow2, flat[part])
    return result.reshape(x.shape)
