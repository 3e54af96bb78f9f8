"""The library's door: the name of an activation, numbers and parameters in, an array out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack

from actcli import catalogue, registry  # noqa: F401  importing the catalogue registers its activations
from actcli.activation import Activation

if TYPE_CHECKING:  # NumPy is loaded by the first call
    import numpy as np
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from actcli.compute import Numerics
    from actcli.dialects import DialectName
    from actcli.keywords import Keywords
    from actcli.numerics.dtypes import Codes
    from actcli.referee.report import Report


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


def evaluate(  # noqa: PLR0913  as many ways to ask
    name: str,
    x: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    numerics: Numerics = "exact",
    dialect: DialectName | None = None,
    saturate: bool = False,
    where: ArrayLike | None = None,
    **parameters: Unpack[Keywords],
) -> NDArray[np.floating[Any]]:
    """Return the values of an activation.

    Args:
        name: name or alias of the activation.
        x: array-like of any shape; never written to. Arrays and tensors of any library are read, and lists of numbers
            of any type, each rounded once to the dtype. A floating array keeps its dtype, everything else becomes
            float32, unless ``dtype`` says otherwise. Numbers missing in columns of pandas, polars and Arrow are NaN.
        dtype: one of the formats of ``numerics.dtypes``: a name, or a dtype of NumPy or any other library.
        numerics: ``"exact"`` for the true value rounded once (along an axis within 0.501 ulp), ``"tensorflow2"``
            for the bits of the tutorial (relu, sigmoid, tanh in float32).
        dialect: the framework whose defaults and conventions are meant, one of ``DialectName``; without one, those of
            the catalogue. It changes definitions, never accuracy.
        saturate: whether the largest number of the dtype takes the place of infinities and of whatever lies beyond it,
            in x and in the results. float4 and float6 always saturate. NaN stays NaN.
        where: of softmax and its like, which numbers are kept: truth values, or 0 and 1, broadcast to the shape of x.
            The others, and what a masked array hides, count as not there; their result is 0, of log_softmax -inf.
        **parameters: the activation's parameters, as numbers or as text; where they may differ from channel to channel
            (slope of prelu), a list too, along ``channel_axis``.

    Returns:
        A NumPy array of the shape of x, masked if x is; of a packed activation, half as long along its axis.

    Raises:
        ActcliError: for a name, parameter, dtype, dialect or number that is not accepted, for NaN, in x or as a result,
            in a dtype that has none (float4 and float6), and for masked numbers in hardmax and gated units.

    """
    from actcli import compute, masked_arrays
    from actcli.numerics.array_likes import read_numbers

    values, mask = read_numbers(x, dtype, saturate=saturate)
    activation = prepare(name, parameters, values.dtype, dialect)
    kept = masked_arrays.keep(activation, values, mask, where)
    return masked_arrays.hide(compute.compute_values(activation, values, numerics, saturate, kept), mask)


def derivative(  # noqa: PLR0913  as many ways to ask
    name: str,
    x: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    numerics: Numerics = "exact",
    dialect: DialectName | None = None,
    saturate: bool = False,
    **parameters: Unpack[Keywords],
) -> NDArray[np.floating[Any]]:
    """Return the derivatives of an elementwise activation; arguments, result and errors as in ``evaluate``."""
    from actcli import compute, masked_arrays
    from actcli.numerics.array_likes import read_numbers

    values, mask = read_numbers(x, dtype, saturate=saturate)
    activation = prepare(name, parameters, values.dtype, dialect)
    return masked_arrays.hide(compute.compute_derivatives(activation, values, numerics, saturate), mask)


def evaluate_quantized(  # noqa: PLR0913  what a quantization is made of
    name: str,
    q: ArrayLike | None = None,
    *,
    input_scale: float | str,
    output_scale: float | str,
    input_zero_point: int = 0,
    output_zero_point: int = 0,
    dtype: Literal["int8", "uint8", "int16", "uint16"] = "int8",
    rounding: Literal["half-even", "half-away"] = "half-even",
    dialect: DialectName | None = None,
    **parameters: Unpack[Keywords],
) -> Codes:
    """Return an elementwise activation's values for integer codes, as codes: the lookup table of a quantized model.

    A code q of the input stands for ``input_scale * (q - input_zero_point)``. Its result is the true value there,
    divided by ``output_scale`` and rounded once to an integer, plus ``output_zero_point``, within the range of the
    dtype. NaN gives the lowest code, as in ONNX Runtime.

    Args:
        name: name or alias of the activation.
        q: array-like of codes, of any shape; if left out, all codes in ascending order.
        input_scale: positive, rounded to float32 like all scales of runtimes; a number or text.
        output_scale: likewise.
        input_zero_point: a code of the dtype.
        output_zero_point: likewise.
        dtype: that of the codes.
        rounding: of what lies halfway between two codes: ``"half-even"`` as in ONNX, ``"half-away"`` from
            zero as in TFLite.
        dialect: as in ``evaluate``.
        **parameters: as in ``evaluate``, rounded to float32.

    Returns:
        A NumPy array of the dtype, of the shape of q, masked if q is.

    Raises:
        ActcliError: for an argument that is not accepted, and for an activation along an axis.

    """
    from actcli import compute, masked_arrays
    from actcli.numerics.quantized import Quantization

    quantization = Quantization.create(
        dtype=dtype,
        input_scale=input_scale,
        input_zero_point=input_zero_point,
        output_scale=output_scale,
        output_zero_point=output_zero_point,
        rounding=rounding,
    )
    activation = prepare(name, parameters, "float32", dialect)
    codes, mask = quantization.read(q)
    return masked_arrays.hide(compute.compute_quantized(activation, codes, quantization), mask)


def vjp(  # noqa: PLR0913  as many ways to ask
    name: str,
    x: ArrayLike,
    g: ArrayLike,
    *,
    dtype: DTypeLike | None = None,
    dialect: DialectName | None = None,
    saturate: bool = False,
    where: ArrayLike | None = None,
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
        saturate: as in ``evaluate``; of g too.
        where: as in ``evaluate``; nothing flows to or from what is masked.
        **parameters: as in ``evaluate``.

    Returns:
        A NumPy array of the shape and dtype of x: elementwise rounded once, along an axis within 0.501 ulp and 2**-66
        of the sizes of the terms that are added.

    Raises:
        ActcliError: as ``evaluate``, and for g of another shape than the result.

    """
    from actcli import compute, masked_arrays
    from actcli.numerics.array_likes import read_numbers

    values, mask = read_numbers(x, dtype, saturate=saturate)
    weights, mask_of_g = read_numbers(g, values.dtype, "g", saturate=saturate)
    activation = prepare(name, parameters, values.dtype, dialect)
    kept = masked_arrays.keep(activation, values, mask, where)
    masked_arrays.require_shown(activation, mask_of_g, kept)
    return masked_arrays.hide(compute.compute_vjp(activation, values, weights, saturate, kept), mask, mask_of_g)


def check(  # noqa: PLR0913  what a check is made of
    kernel: Callable[..., object] | str,
    function: str,
    *,
    dtype: DTypeLike = "float32",
    out_dtype: DTypeLike | None = None,
    derivative: bool = False,
    dialect: DialectName | None = None,
    saturate: bool = False,
    inputs: str | ArrayLike | None = None,
    seed: int = 0,
    ftz: bool = False,
    daz: bool | Literal["min"] = False,
    floor: float | None = None,
    lengths: bool = False,
    max_steps: int = 1,
    worst: int = 5,
    device: str | None = None,
    compile: bool = False,
    timeout: float | None = None,
    **parameters: Unpack[Keywords],
) -> Report:
    """Check a kernel of yours against the true values of an activation, rounded once.

    >>> import numpy as np
    >>> report = actcli.check(np.tanh, "tanh", dtype="float16")
    >>> report.assert_within(max_steps=1)

    Args:
        kernel: a function of one array, of NumPy, torch, JAX or TensorFlow, that returns an array of its shape; it
            runs in this process. Or what the command takes as a kernel, as text: ``"./libkernels.so:my_silu"``.
        function: name or alias of the activation.
        dtype: the format of the inputs.
        out_dtype: the format of the results; that of the inputs if left out.
        derivative: whether to check f'(x); frameworks differentiate, any other kernel has to return it itself.
        dialect: as in ``evaluate``.
        saturate: whether the largest number of the format of the results is due in place of infinities and overflow.
        inputs: ``"all"`` patterns of the format, ``"strata"`` or ``"strata:N"`` for N numbers of each sign and
            exponent, or an array or lists: numbers, or for a function along an axis rows. If left out, all patterns
            of formats of 16 bits and fewer, else strata.
        seed: of the strata.
        ftz: whether to accept zeros for results below the normal numbers.
        daz: whether to accept for subnormal inputs the results for zeros; ``"min"``: for the smallest normal ones too.
        floor: how far off, as an absolute error, a result may always be.
        lengths: whether to try arrays of every length from 1 to 65, and every second number of one.
        max_steps: steps beyond which the report says in which intervals of input they are.
        worst: how many of the worst results of each class the report has.
        device: where torch or JAX compute.
        compile: whether the function goes through torch.compile or jax.jit.
        timeout: how many seconds a call may take, of a kernel that is named as text.
        **parameters: the activation's parameters.

    Returns:
        The report: the worst results by class, faults, intervals; ``assert_within`` is for tests.

    Raises:
        ActcliError: for a name, parameter or dtype that is not accepted, and for a kernel that fails.

    """
    from actcli.errors import ArgumentError
    from actcli.numerics import dtypes
    from actcli.referee.check import Plan, run_check
    from actcli.referee.differences import Leniency
    from actcli.referee.inputs import take_inputs
    from actcli.referee.kernel import KernelOptions
    from actcli.referee.truth import Truth

    format = dtypes.find_usable(dtype)
    out_format = format if out_dtype is None else dtypes.find_usable(out_dtype)
    activation = prepare(function, parameters, format.dtype, dialect)
    truth = Truth(activation, format, out_format, derivative=derivative, saturate=saturate)
    if daz not in (False, True, "min"):
        raise ArgumentError("daz", f"must be True, False or 'min', got {daz!r}")
    leniency = Leniency(ftz=ftz, daz=bool(daz), daz_min=daz == "min", floor=floor)
    plan = Plan(truth, take_inputs(inputs, truth, seed), leniency, max_steps, worst, lengths, device)
    options = KernelOptions(
        format,
        out_format,
        derivative=derivative,
        device=device,
        compile=compile,
        timeout=timeout,
        packed=truth.is_packed,
    )
    return run_check(kernel, plan, options, inputs_given=inputs is not None)


def prepare(name: str, parameters: Mapping[str, object], dtype: DTypeLike, dialect: str | None = None) -> Activation:
    """Return the activation of that name, its parameters converted for numbers of the dtype.

    Raises:
        ActcliError: for a name, parameter, dtype or dialect that is not accepted.

    """
    from actcli.numerics import dtypes

    return registry.find(name).create(parameters, dtypes.find_usable(dtype).parameters, dialect)
