"""Rectifiers: straight lines that meet at a threshold."""

from typing import Any

from actcli.activation import Elementwise, Mathematics, activation, param


@activation
class Relu(Elementwise):
    """Rectified linear unit: passes x above the threshold, and negative_slope * (x - threshold) at and below it."""

    formula = (
        "(x if max_value is None else max(min(x, max_value), 0)) if x > threshold else negative_slope * (x - threshold)"
    )
    source = "Fukushima 1969; Nair & Hinton 2010 (ICML); the three parameters are those of Keras"
    negative_slope: float = param(0.0, "slope at and below the threshold", spellings=("alpha",))
    max_value: float | None = param(None, "largest value passed on (default: no limit)")
    threshold: float = param(0.0, "x has to exceed it to be passed on")

    @property
    def error(self) -> float:
        """Zero unless x - threshold is formed: a product of two float32 numbers is exact in float64."""
        return 2.0**-51 if self.negative_slope and self.threshold else 0.0

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return relu(x); a zero at or below a threshold other than 0 has the sign of x, as in the tutorial."""
        above = x
        if self.max_value is not None:
            above = m.where(x > self.max_value, max(self.max_value, 0.0), m.where(x < 0, 0.0, x))
        if not self.threshold:
            return m.where(x < 0, self.negative_slope * x if self.negative_slope else 0.0, m.where(x > 0, above, x))
        below = m.copysign(0.0, x)
        if self.negative_slope:
            below = m.where(x == self.threshold, below, self.negative_slope * (x - self.threshold))
        return m.where(x <= self.threshold, below, above)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return relu'(x), at kinks as Keras: the lower side at the threshold, 1 at max_value but 0 if that is 6."""
        capped = self.max_value is not None
        above: Any = 1.0
        if capped:
            beyond = x >= self.max_value if self.max_value == 6 else x > self.max_value
            above = m.where(beyond | (x <= 0), 0.0, above)
        # Keras builds the combinations from two rectifiers, and each has derivative 0 where it bends.
        corner = 0.0 if capped or self.threshold else self.negative_slope
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
