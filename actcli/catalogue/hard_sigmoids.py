"""Hard sigmoids: a straight line, clipped to two bounds."""

import math

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import times
from actcli.dialects import ByDialect, Dialect
from actcli.errors import ActcliError
from actcli.parameters import Ratio, param
from actcli.registry import activation


@activation
class HardSigmoid(Elementwise):
    description = "Hard sigmoid: a straight line clipped to [0, 1]."
    formula = "min(max(slope * x + offset, 0), 1)"
    textbook = "min(max(x / 6 + 1 / 2, 0), 1)"
    source = "Courbariaux, Bengio & David 2015, arXiv:1511.00363; slope 1/6: Howard et al. 2019, arXiv:1905.02244"
    derivative_formula = "slope if 0 < slope * x + offset < 1 else 0"
    kinks = "0 where it is clipped; the slope in Keras 2"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "approximates sigmoid without an exponential",
        "reaches 0 and 1 exactly",
    )
    disadvantages = (
        "no gradient where it is clipped",
        "frameworks disagree on its slope: 1/6 or 0.2",
    )
    use = "gates in mobile networks and in fixed-point arithmetic"
    window = (-6.0, 6.0)
    dialects = {
        "keras": Dialect("keras.activations.hard_sigmoid(x)"),
        "keras2": Dialect("tf.keras.activations.hard_sigmoid(x)", {"slope": Ratio(1, 5)}),
        "torch": Dialect("torch.nn.functional.hardsigmoid(x)"),
        "jax": Dialect("jax.nn.hard_sigmoid(x)"),
        "onnx": Dialect("HardSigmoid(x, alpha=0.2, beta=0.5)", {"slope": 0.2}),
        "flax": Dialect("flax.linen.hard_sigmoid(x)"),
        "ggml": Dialect("ggml_hardsigmoid(ctx, x)"),
    }
    error = 2.0**-51
    has_slope_at_kinks = ByDialect(keras=False, keras2=True, torch=False, jax=False, onnx=False, flax=False, ggml=False)
    slope: float | Ratio = param(Ratio(1, 6), "slope of the line", spellings=("alpha",))
    offset: float = param(0.5, "value at 0", spellings=("beta",))

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        if self.offset == 0.5 and isinstance(self.slope, Ratio):
            self.error = 0.0  # a quotient of an exact number and a small one is on the true side of all ties
        if self.offset not in (0.0, 0.5):  # with those, the line is exact near 1
            self.derivative_condition_terms = self._kink_terms

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_sigmoid(x)."""
        return m.minimum(m.maximum(self._line(x), 0.0), 1.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_sigmoid'(x)."""
        y = self._line(x)
        inside = (y >= 0) & (y <= 1) if self.has_slope_at_kinks else (y > 0) & (y < 1)
        return m.where(inside, times(m.where(inside, 1.0, 0.0), self.slope), 0.0)

    def _kink_terms(self, m: Backend[T], x: T) -> T:
        """Return the size of the slope, and infinity where the side of the kink is open; near 0 its sign tells."""
        size = abs(self.slope.numerator / self.slope.denominator if isinstance(self.slope, Ratio) else self.slope)
        return m.where(m.abs(self._line(x) - 1.0) < 2.0**-50, math.inf, size)

    def _line(self, x: T) -> T:
        if isinstance(self.slope, Ratio):
            n, d = self.slope
            from fractions import Fraction  # few calls need it

            if abs(self.offset) > 2.0**1000:
                return x * n / d + self.offset
            offset = Fraction(self.offset) * d
            high = float(offset)
            low = float(offset - Fraction(high))
            line = x * n + high
            return (line + low if low else line) / d
        return x * self.slope + self.offset


@activation
class SparseSigmoid(Elementwise):
    description = "Sparse sigmoid: a straight line from 0 at -1 to 1 at 1."
    formula = "0 if x <= -1 else 1 if x >= 1 else (x + 1) / 2"
    source = "Blondel, Martins & Niculae 2019, arXiv:1901.02324"
    derivative_formula = "1 / 2 if -1 < x < 1 else 0"
    kinks = "0 at -1 and 1; 1/4 in JAX"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "reaches 0 and 1 exactly",
        "needs no exponential",
    )
    disadvantages = ("no gradient outside [-1, 1]",)
    use = "output layer for binary classification, where confident answers should be exactly 0 or 1"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.sparse_sigmoid(x)"),
        "jax": Dialect("jax.nn.sparse_sigmoid(x)"),
    }
    nearest = "hard_sigmoid"
    single_rounding = True
    error = 0.0
    slope_at_kinks = ByDialect(keras=0.0, jax=0.25)

    def value(self, m: Backend[T], x: T) -> T:
        """Return sparse_sigmoid(x)."""
        return (m.minimum(m.maximum(x, -1.0), 1.0) + 1.0) / 2.0

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sparse_sigmoid'(x)."""
        return m.where(m.abs(x) < 1, 0.5, m.where(m.abs(x) > 1, 0.0, self.slope_at_kinks))


@activation
class HardTanh(Elementwise):
    description = "Hard hyperbolic tangent: x clipped to two bounds."
    formula = "min(max(x, min_val), max_val)"
    textbook = "min(max(x, -1), 1)"
    source = "Collobert 2004 (thesis)"
    derivative_formula = "1 if min_val < x < max_val else 0"
    kinks = "1 at the bounds; 0 in PyTorch and MLX"
    range = "[min_val, max_val]"
    monotonic = "non-decreasing"
    advantages = (
        "approximates tanh without an exponential",
        "bounded and zero-centred",
    )
    disadvantages = ("no gradient outside its bounds",)
    use = "bounded hidden layers of mobile networks; clipping"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.hard_tanh(x)"),
        "torch": Dialect("torch.nn.functional.hardtanh(x, min_val=-1.0, max_val=1.0)"),
        "jax": Dialect("jax.nn.hard_tanh(x)"),
        "flax": Dialect("flax.linen.hard_tanh(x)"),
        "mlx": Dialect("mlx.nn.hard_tanh(x, min_val=-1.0, max_val=1.0)"),
    }
    aliases = ("clip",)
    nearest = "tanh"
    single_rounding = True
    error = 0.0
    has_slope_at_bounds = ByDialect(keras=True, torch=False, jax=True, flax=True, mlx=False)
    min_val: float = param(-1.0, "lower bound", spellings=("min",), domain="any")
    max_val: float = param(1.0, "upper bound", spellings=("max",), domain="any")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        if self.min_val > self.max_val:
            raise ActcliError(f"{self.name}: min_val must be <= max_val, got {self.min_val:g} and {self.max_val:g}")

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_tanh(x)."""
        return m.minimum(m.maximum(x, self.min_val), self.max_val)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_tanh'(x)."""
        if self.has_slope_at_bounds:
            return m.where((x >= self.min_val) & (x <= self.max_val), 1.0, 0.0)
        return m.where((x > self.min_val) & (x < self.max_val), 1.0, 0.0)
