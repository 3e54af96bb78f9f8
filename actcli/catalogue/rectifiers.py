"""Rectifiers: piecewise linear functions with one threshold, and their relatives."""

from collections.abc import Callable
from typing import Any

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import exact_mean, is_float32, times
from actcli.dialects import ByDialect, Dialect
from actcli.parameters import REQUIRED, Ratio, param
from actcli.registry import activation


@activation
class Relu(Elementwise):
    description = "Rectified linear unit: max(x, 0) by default."
    formula = (
        "(x if max_value is None else max(min(x, max_value), 0)) if x > threshold else negative_slope * (x - threshold)"
    )
    textbook = "max(x, 0)"
    source = "Fukushima 1969; Nair & Hinton 2010 (ICML); the three parameters are those of Keras"
    derivative_formula = "(1 if max_value is None or 0 < x < max_value else 0) if x > threshold else negative_slope"
    kinks = "as in Keras: 0 at the threshold (negative_slope if set alone); 1 at max_value, but 0 if that is 6"
    range = "[0, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "cheap to compute, so training is fast",
        "non-linear; differentiable everywhere except at 0",
        "the gradient does not vanish for positive inputs, even in deep networks",
    )
    disadvantages = (
        "neurons can die (dying ReLU): one whose inputs are all negative gets no gradient and stops learning",
        "not zero-centred: outputs are never negative, which can slow training",
    )
    use = "hidden layers: the tutorial's first choice, and the usual one in convolutional networks"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.relu(x, negative_slope=0.0, max_value=None, threshold=0.0)"),
        "keras2": Dialect("tf.keras.activations.relu(x, alpha=0.0, max_value=None, threshold=0)"),
        "torch": Dialect("torch.nn.functional.relu(x)"),
        "jax": Dialect("jax.nn.relu(x)"),
        "onnx": Dialect("Relu"),
        "flax": Dialect("flax.linen.relu(x)"),
        "mlx": Dialect("mlx.nn.relu(x)"),
        "ggml": Dialect("ggml_relu(ctx, x)"),
        "transformers": Dialect('ACT2FN["relu"](x)'),
    }
    negative_slope: float = param(0.0, "slope below the threshold", spellings=("alpha",))
    max_value: float | None = param(None, "upper limit", domain="any")
    threshold: float = param(0.0, "values above it pass through")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        # Unless x - threshold is formed, all that is rounded is a product, and in float64 that of two float32 is exact.
        self.single_rounding = not (self.negative_slope and self.threshold)
        self.error = 0.0 if self.single_rounding else 2.0**-51

    def value(self, m: Backend[T], x: T) -> T:
        """Return relu(x); a zero at or below a threshold other than 0 has the sign of x, as in the tutorial."""
        above = m.maximum(x if self.max_value is None else m.minimum(x, self.max_value), 0.0)
        if not self.threshold:
            return m.where(x < 0, self.negative_slope * x, above) if self.negative_slope else above
        if self.max_value is None:
            above = x
        below = m.copysign(0.0, x)
        if self.negative_slope:
            below = m.where(x == self.threshold, below, self.negative_slope * (x - self.threshold))
        return m.where(x <= self.threshold, below, above)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return relu'(x)."""
        above: T | float = 1.0
        if self.max_value is not None:
            beyond = x >= self.max_value if self.max_value == 6 else x > self.max_value
            above = m.where(beyond | (x <= 0), 0.0, above)
        # Keras builds the combinations from two rectifiers, and each has derivative 0 where it bends.
        corner = 0.0 if self.max_value is not None or self.threshold else self.negative_slope
        below = m.where(x == self.threshold, corner, self.negative_slope)
        return m.where(x <= self.threshold, below, above)

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 steps of ``tf.keras.activations.relu`` in TensorFlow 2.4.1, in their order."""
        slope, cap, threshold = self.negative_slope, self.max_value, self.threshold
        if slope and cap is None and not threshold:
            return kernels.where(x > 0, x, x * slope)
        y = x * (x > threshold) if threshold else kernels.where(x < 0, 0, x)
        if cap == 6 and not threshold:
            y = kernels.where(y > 6, 6, y)
        elif cap is not None:
            y = kernels.where(y > cap, cap, y)
            y = kernels.where(y <= 0, 0, y)
        return y - slope * kernels.where(threshold - x > 0, threshold - x, 0) if slope else y


@activation
class Relu6(Elementwise):
    description = "Rectified linear unit capped at 6."
    formula = "min(max(x, 0), 6)"
    source = "Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10"
    derivative_formula = "1 if 0 < x < 6 else 0"
    kinks = "0 at 0 and at 6"
    range = "[0, 6]"
    monotonic = "non-decreasing"
    advantages = (
        "bounded, which suits low-precision arithmetic",
        "cheap to compute",
    )
    disadvantages = ("no gradient below 0 or above 6",)
    use = "hidden layers of mobile networks in low precision, such as MobileNetV2"
    window = (-2.0, 8.0)
    dialects = {
        "keras": Dialect("keras.activations.relu6(x)"),
        "torch": Dialect("torch.nn.functional.relu6(x)"),
        "jax": Dialect("jax.nn.relu6(x)"),
        "flax": Dialect("flax.linen.relu6(x)"),
        "mlx": Dialect("mlx.nn.relu6(x)"),
        "transformers": Dialect('ACT2FN["relu6"](x)'),
    }
    nearest = "relu with max_value 6"
    single_rounding = True
    error = 0.0

    def value(self, m: Backend[T], x: T) -> T:
        """Return relu6(x)."""
        return m.minimum(m.maximum(x, 0.0), 6.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return relu6'(x)."""
        return m.where((x > 0) & (x < 6), 1.0, 0.0)


class _Leaky(Elementwise):
    """A rectifier with a slope below 0, and one of the two slopes, or neither, at 0."""

    window = (-2.0, 2.0)
    single_rounding = True
    error = 0.0

    def _leaky(self, m: Backend[T], x: T, slope: float) -> T:
        return m.where(x < 0, slope * x, x)

    def _slope(self, m: Backend[T], x: T, slope: float, at_zero: float) -> T:
        return m.where(x > 0, 1.0, m.where(x < 0, slope, at_zero))


@activation
class LeakyRelu(_Leaky):
    description = "Leaky rectified linear unit: a small slope below 0 keeps neurons alive."
    formula = "x if x > 0 else negative_slope * x"
    textbook = "x if x > 0 else 0.2 * x"
    source = "Maas, Hannun & Ng 2013 (ICML workshop)"
    derivative_formula = "1 if x > 0 else negative_slope"
    kinks = "negative_slope at 0; 1 in JAX, Flax and MLX"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "neurons do not die: negative inputs keep a small gradient",
        "nearly as cheap as relu",
    )
    disadvantages = (
        "one more hyperparameter, whose default differs between frameworks",
        "often little better than relu",
    )
    use = "hidden layers in which relu neurons die; discriminators of generative adversarial networks"
    dialects = {
        "keras": Dialect("keras.activations.leaky_relu(x, negative_slope=0.2)"),
        "keras2": Dialect("tf.keras.layers.LeakyReLU(alpha=0.3)(x)", {"negative_slope": 0.3}),
        "torch": Dialect("torch.nn.functional.leaky_relu(x, negative_slope=0.01)", {"negative_slope": 0.01}),
        "jax": Dialect("jax.nn.leaky_relu(x, negative_slope=0.01)", {"negative_slope": 0.01}),
        "onnx": Dialect("LeakyRelu(x, alpha=0.01)", {"negative_slope": 0.01}),
        "flax": Dialect("flax.linen.leaky_relu(x, negative_slope=0.01)", {"negative_slope": 0.01}),
        "mlx": Dialect("mlx.nn.leaky_relu(x, negative_slope=0.01)", {"negative_slope": 0.01}),
        "ggml": Dialect("ggml_leaky_relu(ctx, x, negative_slope, inplace)"),
        "transformers": Dialect('ACT2FN["leaky_relu"](x)', {"negative_slope": 0.01}),
    }
    aliases = ("lrelu",)
    nearest = "relu with negative_slope"
    is_one_at_zero = ByDialect(
        keras=False,
        keras2=False,
        torch=False,
        jax=True,
        onnx=False,
        flax=True,
        mlx=True,
        ggml=False,
        transformers=False,
    )
    negative_slope: float = param(0.2, "slope below 0", spellings=("alpha",), per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return leaky_relu(x)."""
        return self._leaky(m, x, self.negative_slope)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return leaky_relu'(x)."""
        return self._slope(m, x, self.negative_slope, 1.0 if self.is_one_at_zero else self.negative_slope)


@activation
class Prelu(_Leaky):
    description = (
        "Parametric rectified linear unit: the slope below 0 is learned, one for all inputs or one per feature."
    )
    formula = "max(x, 0) + slope * min(x, 0)"
    textbook = "x if x > 0 else slope * x"
    source = "He, Zhang, Ren & Sun 2015, arXiv:1502.01852"
    derivative_formula = "1 if x > 0 else slope"
    kinks = "slope at 0; 0 in Keras, 1 in Flax"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "the slope below 0 is learned along with the weights",
        "adds hardly any parameters",
    )
    disadvantages = (
        "can overfit small data sets",
        "weight decay pulls the slope towards 0, which makes it relu",
    )
    use = "hidden layers of large convolutional networks"
    dialects = {
        "keras": Dialect("keras.layers.PReLU(keras.initializers.Constant(slope), dtype=x.dtype)(x)"),
        "keras2": Dialect("tf.keras.layers.PReLU(tf.keras.initializers.Constant(slope), dtype=x.dtype)(x)"),
        "torch": Dialect("torch.nn.functional.prelu(x, x.new_tensor(slope))"),
        "onnx": Dialect("PRelu(x, slope)", inputs=("slope",)),
        "flax": Dialect("flax.linen.PReLU(negative_slope_init=0.01)(x)", {"slope": 0.01}),
        "mlx": Dialect("mlx.nn.PReLU(num_parameters=1, init=0.25)(x)", {"slope": 0.25}),
        "transformers": Dialect('ACT2FN["prelu"](x)', {"slope": 0.25}),
    }
    nearest = "leaky_relu"
    slope_at_zero = ByDialect(
        keras=0.0, keras2=0.0, torch=None, onnx=None, flax=1.0, mlx=None, transformers=None
    )  # None: that below 0
    slope: float = param(REQUIRED, "slope below 0", spellings=("weight", "alpha", "init"), per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return prelu(x)."""
        return self._leaky(m, x, self.slope)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return prelu'(x)."""
        return self._slope(m, x, self.slope, self.slope if self.slope_at_zero is None else self.slope_at_zero)


@activation
class Rrelu(_Leaky):
    description = "Randomised leaky rectified linear unit in evaluation: the slope below 0 is the mean of its bounds."
    formula = "x if x >= 0 else (lower + upper) / 2 * x"
    textbook = "x if x >= 0 else 11 / 48 * x"
    source = "Xu, Wang, Chen & Li 2015, arXiv:1505.00853"
    derivative_formula = "1 if x > 0 else (lower + upper) / 2"
    kinks = "(lower + upper) / 2 at 0"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "random slopes during training act as a regulariser",
        "neurons do not die",
    )
    disadvantages = (
        "not the same function in training and in evaluation",
        "available in few libraries",
    )
    use = "hidden layers of networks trained on small data sets"
    dialects = {
        "torch": Dialect("torch.nn.functional.rrelu(x, lower=1/8, upper=1/3, training=False)"),
    }
    aliases = ("randomized_leaky_relu",)
    ascending = ("lower", "upper")
    nearest = "leaky_relu"
    lower: float | Ratio = param(Ratio(1, 8), "lower bound of the slope")
    upper: float | Ratio = param(Ratio(1, 3), "upper bound of the slope")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        mean = exact_mean(self.lower, self.upper)
        self._slopes = (self.lower, self.upper) if mean is None else (mean,)
        self.single_rounding = isinstance(mean, float) and is_float32(mean)
        self.error = 0.0 if self.single_rounding or isinstance(mean, Ratio) else 2.0**-50
        if mean is None:
            self.value_condition_terms = lambda m, x: self._mean(m, x, m.abs)
            self.derivative_condition_terms = lambda m, x: self._mean(m, m.where(x > 0, 1.0, 1.0), m.abs)

    def value(self, m: Backend[T], x: T) -> T:
        """Return rrelu(x) of the evaluation mode."""
        return m.where(x < 0, self._mean(m, x), x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return rrelu'(x)."""
        return m.where(x > 0, 1.0, self._mean(m, m.where(x > 0, 1.0, 1.0)))

    def _mean(self, m: Backend[T], x: T, of_term: Callable[[T], T] | None = None) -> T:
        """Return x times the mean slope, or the sum of a function of the terms that it is made of."""
        terms = [of_term(times(x, slope)) if of_term else times(x, slope) for slope in self._slopes]
        return terms[0] if len(terms) == 1 else (terms[0] + terms[1]) / 2.0
