"""Why frameworks and actcli disagree: every reason that was found, with its condition."""

import math

import numpy as np

from tests.reference.disagreement import Disagreement, Reason

NORMAL = float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)
ALONG_AXIS = "keras-tensorflow keras-jax keras-torch keras2 torch jax onnx-reference onnxruntime flax mlx ggml"
EVERY = f"{ALONG_AXIS} transformers"
JAX = "jax flax"
TORCH = "torch transformers"
KERAS = "keras-tensorflow keras-jax keras-torch"
ONNX = "onnx-reference onnxruntime"
TENSORFLOW = "keras-tensorflow keras2"
ULP = 2.0**-23  # of numbers from 1 to 2


def _tanh_form(d: Disagreement) -> bool:
    """Tell whether it is the gelu with tanh, which is the default in JAX and Flax."""
    return d.function in {"gelu_tanh", "gelu_fast"} or (d.framework in JAX.split() and not d.parameters)


def _meets_two_infinities(d: Disagreement) -> bool:
    """Tell whether softmax (softmin: of the negated row) meets infinity less infinity."""
    row = [-x for x in d.row] if d.function == "softmin" else d.row
    return math.isnan(d.reference) and (math.inf in row or set(row) == {-math.inf})


def _has_two_in_support(d: Disagreement) -> bool:
    """Tell whether sparsemax gives more than one number a share, or the row holds no plain numbers."""
    if not all(map(math.isfinite, d.row)):
        return True
    *_, second, largest = sorted(d.row)
    return largest - second < 1


REASONS = (
    Reason(
        "infinity times 0, or over infinity, or less infinity, is NaN; actcli gives the limit",
        EVERY,
        "softsign silu quick_gelu gelu gelu_tanh gelu_fast gelu_10 mish hard_silu squareplus sparse_plus swiglu geglu",
        "value derivative",
        lambda d: any(map(math.isinf, d.row)) and math.isnan(d.reference),
    ),
    Reason(
        "the threshold multiplies by 0, and -inf becomes NaN; actcli gives the limit",
        "keras2",
        "relu thresholded_relu",
        "value",
        lambda d: d.x == -math.inf and math.isnan(d.reference),
    ),
    Reason(
        "infinity less infinity in the row is NaN; actcli gives the limit",
        ALONG_AXIS,
        "softmax log_softmax softmin",
        "value",
        _meets_two_infinities,
    ),
    Reason(
        "Keras up to 3.15.1 adds up all partial sums of sparsemax instead of taking one (keras issue 23425)",
        KERAS,
        "sparsemax",
        "value",
        _has_two_in_support,
    ),
    Reason(
        "NaN is treated as the maximum, or skipped; actcli gives NaN",
        ONNX,
        "hardmax",
        "value",
        lambda d: any(map(math.isnan, d.row)),
    ),
    Reason(
        "oneDNN's softmax skips NaN in the row",
        "keras-tensorflow",
        "softmax",
        "value",
        lambda d: any(map(math.isnan, d.row)) and d.reference == 0,
    ),
    Reason(
        "a comparison with NaN is false, and NaN becomes a number",
        f"{KERAS} mlx ggml {ONNX}",
        "relu leaky_relu threshold thresholded_relu step hard_sigmoid soft_shrink hard_shrink shrink reglu",
        "value",
        lambda d: math.isnan(d.x) and d.reference == (-1 if d.function == "threshold" else 0),
    ),
    Reason(
        "an intermediate result overflows",
        f"{KERAS} keras2 {TORCH} {JAX} mlx",
        "gelu gelu_tanh gelu_fast hard_silu squareplus sparse_plus",
        "value derivative",
        lambda d: abs(d.x) == LARGEST and not math.isfinite(d.reference),
    ),
    Reason(
        "an intermediate result below the normal range is flushed, or has few digits",
        f"{KERAS} keras2 {TORCH} {JAX} mlx ggml {ONNX}",
        "silu mish celu",
        "value",
        lambda d: abs(d.actual) < 64 * NORMAL and d.within(abs(d.actual)),
    ),
    Reason(
        "exp(-x) overflows in the denominator of the gate",
        "onnx-reference transformers ggml",
        "swiglu situ_glu",
        "value",
        lambda d: d.x < -math.log(LARGEST) and d.reference == 0,
    ),
    Reason(
        "the logarithm of a softmax that was rounded to 0",
        "onnx-reference",
        "log_softmax",
        "value",
        lambda d: d.actual < -100 and d.reference == -math.inf,
    ),
    Reason(
        "1 + erf(x) cancels",
        f"keras-torch keras2 {TORCH} mlx {ONNX}",
        "gelu gelu_10",
        "value",
        lambda d: d.x < 0 and d.within(2 * ULP * -d.x),
    ),
    Reason(
        "the square in erfc(x) is rounded, and the tail magnifies that",
        f"keras-tensorflow keras-jax {JAX}",
        "gelu",
        "value",
        lambda d: d.x < -5.8 and d.within(1e-5 * abs(d.actual)),
    ),
    Reason(
        "the gate is looked up by the number nearest to it in float16, and the table has float16 numbers",
        "ggml",
        "gelu gelu_tanh quick_gelu geglu",
        "value",
        lambda d: d.within(2.0**-10 * abs(d.actual) * max(2, d.x * d.x) + ULP),
    ),
    Reason(
        "the gate is looked up in float16, which ends at 65504",
        "ggml",
        "quick_gelu",
        "value",
        lambda d: abs(d.x) > 65504 and not math.isfinite(d.reference),
    ),
    Reason(
        "a gate of -10 or less gives 0, whatever it multiplies",
        "ggml",
        "geglu",
        "value",
        lambda d: d.x <= -10 and d.reference == 0,
    ),
    Reason(
        "1 + exp(x) is rounded before its logarithm is taken",
        "ggml",
        "softplus",
        "value",
        lambda d: d.x < 0 and d.within(ULP),
    ),
    Reason(
        "1 + tanh(x) cancels",
        f"{KERAS} keras2 {TORCH} {JAX} mlx {ONNX}",
        "gelu_tanh gelu_fast gelu",
        "value",
        lambda d: _tanh_form(d) and d.x < 0 and d.within(ULP * -d.x),
    ),
    Reason(
        "1 - tanh(x)**2 cancels, before a factor that grows with the cube of x",
        f"{KERAS} keras2 {TORCH} {JAX}",
        "gelu_tanh gelu_fast gelu",
        "derivative",
        lambda d: _tanh_form(d) and d.within(ULP * abs(d.x) ** 3),
    ),
    Reason(
        "1 - tanh(x)**2 cancels",
        f"keras-tensorflow keras-jax keras2 {JAX}",
        "tanh",
        "derivative",
        lambda d: d.within(4 * ULP),
    ),
    Reason(
        "1 - tanh(softplus(x))**2 cancels, before a factor x",
        "keras-tensorflow keras-jax jax",
        "mish",
        "derivative",
        lambda d: d.x > 0 and d.within(4 * ULP * d.x),
    ),
    Reason(
        "1 - sigmoid(x) cancels",
        "keras2",
        "sigmoid",
        "derivative",
        lambda d: d.x > 0 and d.within(ULP),
    ),
    Reason(
        "exp(x) - 1 cancels",
        f"{TENSORFLOW} onnxruntime mlx",
        "elu selu celu",
        "value",
        lambda d: -0.1 < d.x < 0 and d.within(2 * ULP),
    ),
    Reason(
        "the slope is taken from the value, which is 0 just below 0 as exp(x) - 1 cancels",
        TENSORFLOW,
        "selu",
        "derivative",
        lambda d: -1e-7 < d.x < 0 and d.reference == np.float32(1.05070098),
    ),
    Reason(
        "the slope is taken from the value, and value + scale * alpha cancels",
        TENSORFLOW,
        "selu",
        "derivative",
        lambda d: d.x < -5 and d.within(2 * ULP),
    ),
    Reason(
        "the branch that is not taken overflows, and its slope of infinity times 0 is NaN",
        "mlx",
        "elu selu",
        "derivative",
        lambda d: d.x > 88 and math.isnan(d.reference),
    ),
    Reason(
        "the slope of the line at -inf is that of the larger of slope * x and x, which are equal",
        "mlx",
        "leaky_relu",
        "derivative",
        lambda d: d.x == -math.inf and d.reference == 1,
    ),
    Reason(
        "prelu'(0) is 1 and the slope: those of both branches are added",
        "mlx",
        "prelu",
        "derivative",
        lambda d: d.x == 0 and d.reference == np.float32(1) + np.float32(d.actual),
    ),
    Reason(
        "celu'(0) is 0: neither branch has a slope there",
        "mlx",
        "celu",
        "derivative",
        lambda d: d.x == 0 and d.reference == 0,
    ),
    Reason(
        "the logistic function loses digits in its tail",
        "mlx",
        "quick_gelu glu",
        "value",
        lambda d: d.within(4e-6 * abs(d.actual)),
    ),
    Reason(
        "1 + erf(x) cancels, or has few digits",
        "transformers",
        "laplace",
        "value",
        lambda d: d.x < 0.1 and d.within(ULP),
    ),
    Reason(
        "torch.log1p(torch.exp(x)) is 0 in the tail, and the slope of its root infinity times 0",
        "transformers",
        "sqrt_softplus",
        "value derivative",
        lambda d: d.x < -99 and (math.isnan(d.reference) or d.within(1e-22)),
    ),
    Reason(
        "the sine of infinity is NaN; actcli gives the limit",
        f"{KERAS} torch jax",
        "sinc",
        "value derivative",
        lambda d: abs(d.x) > LARGEST / 4 and math.isnan(d.reference),
    ),
    Reason(
        "pi * x is rounded before its sine is taken",
        f"{KERAS} torch jax",
        "sinc",
        "value",
        lambda d: d.within(ULP),
    ),
    Reason(
        "the slope at 0 is 0 / 0",
        "keras-tensorflow",
        "sinc",
        "derivative",
        lambda d: d.x == 0 and math.isnan(d.reference),
    ),
    Reason(
        "the slope is divided by x**2, which underflows near 0",
        "keras-jax jax",
        "sinc",
        "derivative",
        lambda d: abs(d.x) < 1e-19 and math.isinf(d.reference),
    ),
    Reason(
        "pi * x is rounded before its sine is taken, and cos(pi * x) - sinc(x) cancels near 0",
        f"{KERAS} torch jax",
        "sinc",
        "derivative",
        lambda d: d.x != 0 and d.within(4 * ULP * (1 + 1 / abs(d.x))),
    ),
    Reason(
        "x - tanh(x) cancels",
        f"{KERAS} torch",
        "tanh_shrink",
        "value",
        lambda d: d.within(2 * ULP * abs(d.x)),
    ),
    Reason(
        "x + sqrt(x**2 + b) cancels",
        f"{KERAS} jax",
        "squareplus",
        "value",
        lambda d: d.x < 0 and d.within(ULP * -d.x),
    ),
    Reason(
        "the line is rounded before it comes near 0",
        "keras2 onnx-reference onnxruntime",
        "hard_sigmoid hard_silu",
        "value",
        lambda d: -3 < d.x < -2.4 and d.within(ULP / 2),
    ),
    Reason(
        "the line is rounded, and reaches its end one number early or late",
        f"keras-tensorflow keras-jax {JAX} mlx",
        "hard_sigmoid hard_silu sparse_sigmoid",
        "derivative",
        lambda d: 0 < abs(abs(d.x) - (1 if d.function == "sparse_sigmoid" else 3)) <= 2 * ULP,
    ),
    Reason(
        "the line is rounded, and ends at 2.5; with the float32 number nearest to 0.2 as its slope it ends just before",
        "keras2",
        "hard_sigmoid",
        "derivative",
        lambda d: abs(abs(d.x) - 2.5) <= 2 * ULP and d.reference == np.float32(0.2),
    ),
    Reason(
        "the logistic function is a fraction of polynomials, 0 below -18",
        "onnxruntime",
        "sigmoid silu quick_gelu",
        "value",
        lambda d: d.x < 0 and d.within(ULP * max(1, -d.x)),
    ),
    Reason(
        "the logistic function is a fraction of polynomials, inexact in its tail",
        "keras2",
        "sigmoid silu",
        "value derivative",
        lambda d: d.x < 0 and d.within(ULP * max(1, -d.x)),
    ),
    Reason(
        "tanh in a recurrent network is a difference that cancels near 0",
        "onnxruntime",
        "scaled_tanh",
        "value",
        lambda d: abs(d.x) < 0.125 and d.within(2 * ULP),
    ),
    Reason(
        "tanh loses digits at the lower end of the normal range",
        "onnxruntime",
        "tanh",
        "value",
        lambda d: abs(d.x) == NORMAL and d.within(1e-5 * NORMAL),
    ),
    Reason(
        "celu'(0) is 2: the slopes of both branches are added",
        "keras-tensorflow",
        "celu",
        "derivative",
        lambda d: d.x == 0 and d.reference == 2,
    ),
    Reason(
        "Keras on JAX has JAX's derivatives at kinks: the slope above 0 at 0, the mean at the ends",
        "keras-jax",
        "relu leaky_relu sparse_sigmoid",
        "derivative",
        lambda d: d.reference == (1 if d.x == 0 else 0.25 if d.function == "sparse_sigmoid" else 0.5),
    ),
    Reason(
        "selu'(0) is the slope below 0, except in Keras on TensorFlow",
        "keras-jax keras-torch",
        "selu",
        "derivative",
        lambda d: d.x == 0 and d.reference == np.float32(1.75809934),
    ),
    Reason(
        "PyTorch has hard_tanh' = 0 at the bounds, also under Keras",
        "keras-torch",
        "hard_tanh",
        "derivative",
        lambda d: abs(d.x) == 1 and d.reference == 0,
    ),
    Reason(
        "x / (1 - x) is rounded next to 1",
        "torch jax",
        "logit",
        "value",
        lambda d: abs(d.x - 0.5) < 1e-4 and d.within(ULP),
    ),
    Reason(
        "at -0 the slope is that of 1 / x from below",
        "torch jax",
        "logit",
        "derivative",
        lambda d: d.x == 0 and d.reference == -math.inf,
    ),
    Reason(
        "outside [0, 1] JAX differentiates what has no value there; actcli gives NaN",
        "jax",
        "logit",
        "derivative",
        lambda d: not 0 <= d.x <= 1 and math.isnan(d.actual),
    ),
)
