"""The arrays of a call: inputs that are the kernel's own, and whether what it returned is a number for each."""

import numpy as np

from actcli.numerics.dtypes import FORMATS, FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.failures import CallError


def step_of(inputs: FloatArray) -> int:
    """Return the step with which an array was taken from a longer one; 1 unless it is 1-D."""
    step = inputs.strides[0] // inputs.itemsize if inputs.ndim == 1 and len(inputs) > 1 else 1
    return max(step, 1)


def spread(inputs: FloatArray, step: int) -> FloatArray:
    """Return a copy of an array, as every ``step``-th number of a longer one."""
    if step == 1:
        return np.array(inputs, order="C")
    copied = np.zeros(len(inputs) * step, inputs.dtype)[::step]
    copied[:] = inputs
    return copied


def expected_shape(inputs: FloatArray, options: KernelOptions) -> tuple[int, ...]:
    """Return the shape of the results for inputs."""
    shape = inputs.shape
    return (*shape[:-1], shape[-1] // 2) if options.packed else shape


def check_result(result: FloatArray, inputs: FloatArray, options: KernelOptions) -> FloatArray:
    """Return what a callable returned; raise CallError if it has another shape or dtype than the results."""
    if result.dtype == object and result.ndim == 0:
        raise CallError(f"returned {type(result.item()).__name__}; expected an array", by_input=False)
    if result.shape != (shape := expected_shape(inputs, options)):
        problem = f"returned the shape {result.shape} for inputs of the shape {inputs.shape}; expected {shape}"
        raise CallError(problem, by_input=False)
    if not result.dtype.isnative:
        result = result.astype(result.dtype.newbyteorder("="))
    if result.dtype != options.out_dtype.dtype:
        otherwise = f", or give --out-dtype {result.dtype}" if result.dtype.name in FORMATS else ""
        expected = f"expected {options.out_dtype.name}{otherwise}"
        raise CallError(f"returned {result.dtype} for inputs of {options.dtype.name}; {expected}", by_input=False)
    return result
