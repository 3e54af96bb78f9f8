"""Periodic functions: the sine, lines with a periodic part, and the sine that fades away."""

from typing import cast

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import Dialect
from actcli.errors import ArgumentError
from actcli.parameters import param
from actcli.registry import activation


@activation
class Sine(Elementwise):
    description = "Sine of omega * x, in radians: the activation of sinusoidal representation networks (SIREN)."
    formula = "sin(omega * x)"
    textbook = "sin(x)"
    source = "Sitzmann, Martel, Bergman, Lindell & Wetzstein 2020, arXiv:2006.09661"
    derivative_formula = "omega * cos(omega * x)"
    range = "[-1, 1]"
    monotonic = "no"
    no_limit = ("value", "derivative")
    advantages = (
        "its derivatives are sines as well, so a network can be fitted to derivatives of a signal",
        "fits fine detail in images, sound and shapes that relu smooths away",
    )
    disadvantages = (
        "trains only with the initialisation of its paper",
        "periodic: inputs far apart give the same output",
    )
    use = "networks that represent a signal by its coordinates; there omega is 30"
    window = (-7.0, 7.0)
    dialects = {
        "keras": Dialect("keras.ops.sin(x)"),
        "torch": Dialect("torch.sin(x)"),
        "jax": Dialect("jax.numpy.sin(x)"),
        "onnx": Dialect("Sin"),
    }
    aliases = ("sin",)
    omega: float = param(1.0, "frequency in radians", spellings=("omega_0", "w0"))

    def value(self, m: Backend[T], x: T) -> T:
        """Return sine(x)."""
        return m.sin(self.omega * x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sine'(x)."""
        return self.omega * m.cos(self.omega * x)


_MAX_LOGARITHM = 80.0  # float32, in which logarithms are stored, has no exponentials beyond 88


class _Snake(Elementwise):
    """x and the square of a sine, divided by a number of its own or by the frequency."""

    no_limit = ("derivative",)
    alpha: float
    divisor: float
    """What the square is divided by, but for epsilon."""
    epsilon: float = param(
        0.0, "added to the divisor, 1e-9 in BigVGAN", spellings=("eps", "no_div_by_zero"), domain=">= 0"
    )
    log_scale: bool = param(False, "read alpha (and beta) as a logarithm", kind=bool)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        if isinstance(self.alpha, list) or isinstance(self.divisor, list):
            return  # the activations of the columns check their numbers
        if self.log_scale:
            for name in {"alpha", "beta"} & set(self.parameters):
                if abs(number := getattr(self, name)) > _MAX_LOGARITHM:
                    problem = f"must be -{_MAX_LOGARITHM:g} to {_MAX_LOGARITHM:g} as a logarithm, got {number:g}"
                    raise ArgumentError(name, problem, self.name)
        elif self.divisor == -self.epsilon and not self._is_straight:
            name = "beta" if "beta" in self.parameters else "alpha"
            problem = "must not be 0" if not self.epsilon else "must not be the negative of epsilon: their sum divides"
            raise ArgumentError(name, f"{problem}, got {self.divisor:g}", self.name)

    def value(self, m: Backend[T], x: T) -> T:
        """Return x and the periodic part."""
        if self._is_straight:
            return x
        y = m.sin(self._scale(m, self.alpha) * x)
        return m.where(x == 0, x, x + y * y / self._divisor(m))  # -0 plus 0 would be 0

    def value_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added, or more."""
        if self._is_straight:
            return m.abs(x)
        angle = m.abs(self._scale(m, self.alpha) * x)
        y = m.minimum(angle, 1.0)
        # Of a logarithm, the error of the exponential is that of the angle too.
        square = y * (y + 2.0 * angle) if self.log_scale else y * y
        return m.abs(x) + square / m.abs(cast("T", self._divisor(m)))

    def derivative(self, m: Backend[T], x: T) -> T | float:
        """Return the slope."""
        if self._is_straight:
            return 1.0
        alpha = self._scale(m, self.alpha)
        return 1.0 + m.sin(2.0 * (alpha * x)) * alpha / self._divisor(m)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T | float:
        """Return the sizes added, or more."""
        if self._is_straight:
            return 1.0
        alpha = self._scale(m, self.alpha)
        size = m.abs(cast("T", alpha / self._divisor(m)))
        return 1.0 + size * (1.0 + 2.0 * m.abs(alpha * x)) if self.log_scale else 1.0 + size

    @property
    def _is_straight(self) -> bool:
        return False

    def _scale(self, m: Backend[T], number: float) -> T | float:
        return m.exp(cast("T", m.constant("1") * number)) if self.log_scale else number

    def _divisor(self, m: Backend[T]) -> T | float:
        """Return the divisor, with epsilon added by the backend: Python's sum would be rounded."""
        scale = self._scale(m, self.divisor)
        return m.constant("1") * scale + self.epsilon if self.epsilon else scale


@activation
class Snake(_Snake):
    description = "Snake: a line with a periodic part, for signals that repeat, such as sound."
    formula = (
        "x + sin((exp(alpha) if log_scale else alpha) * x)**2 / ((exp(alpha) if log_scale else alpha) + epsilon) "
        "if log_scale or alpha != 0 else x"
    )
    textbook = "x + sin(x)**2"
    source = "Liu, Hartwig & Ueda 2020, arXiv:2006.08195; epsilon and log_scale: Lee et al. 2022, arXiv:2206.04658"
    derivative_formula = "1 + sin(2 * alpha * x) * alpha / (alpha + epsilon) if alpha != 0 else 1"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "extrapolates periodic data beyond the training range, which relu and tanh do not",
        "keeps the trend of x: unlike a sine, it is easy to train",
    )
    disadvantages = (
        "needs a frequency that fits the data, so alpha is usually learned",
        "gradients vanish at one point of each period",
    )
    use = "vocoders and audio codecs, such as BigVGAN and DAC; time series"
    window = (-7.0, 7.0)
    alpha: float = param(1.0, "frequency of the periodic part; 0: none", spellings=("frequency",), per_column=True)

    @property
    def divisor(self) -> float:  # type: ignore[override]
        """The frequency."""
        return self.alpha

    @property
    def _is_straight(self) -> bool:
        return not (self.alpha or self.log_scale)


@activation
class SnakeBeta(_Snake):
    description = "Snake with a divisor of its own: alpha sets the frequency, beta the size of the periodic part."
    formula = "x + sin((exp(alpha) if log_scale else alpha) * x)**2 / ((exp(beta) if log_scale else beta) + epsilon)"
    textbook = "x + sin(x)**2"
    source = "Lee, Ping, Ginsburg, Catanzaro & Yoon 2022 (BigVGAN), arXiv:2206.04658"
    derivative_formula = "1 + sin(2 * alpha * x) * alpha / (beta + epsilon)"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = ("frequency and size of the periodic part are learned apart from each other",)
    disadvantages = (
        "a larger beta means a smaller periodic part, contrary to what its documentation says",
        "no longer increasing where alpha exceeds beta",
    )
    use = "vocoders and audio codecs, such as BigVGAN; alpha and beta per channel"
    window = (-7.0, 7.0)
    aliases = ("snakebeta",)
    nearest = "snake"
    alpha: float = param(1.0, "frequency of the periodic part", per_column=True)
    beta: float = param(1.0, "what the square of the sine is divided by", per_column=True)

    @property
    def divisor(self) -> float:  # type: ignore[override]
        """Beta."""
        return self.beta


@activation
class Sinc(Elementwise):
    description = "Normalised sinc: sin(pi * x) over pi * x, which is 1 at 0 and 0 at all other integers."
    formula = "sinpi(x) / (pi * x) if x != 0 else 1"
    textbook = "sin(pi * x) / (pi * x) if x != 0 else 1"
    source = "Woodward & Davies 1952"
    derivative_formula = "(cos(pi * x) - sin(pi * x) / (pi * x)) / x if x != 0 else 0"
    range = "[-0.21723362821122166, 1]"
    monotonic = "no"
    advantages = ("the ideal low-pass filter: its spectrum is flat, and ends at half the sampling rate",)
    disadvantages = (
        "fades slowly, as 1 / x",
        "simple code gives 4e-17 in place of 0 at integers, and no slope near 0",
    )
    use = "learned filters, such as SincNet's; resampling; coordinate networks"
    window = (-7.0, 7.0)
    dialects = {
        "keras": Dialect("keras.ops.sinc(x)"),
        "torch": Dialect("torch.sinc(x)"),
        "jax": Dialect("jax.numpy.sinc(x)"),
    }

    def value(self, m: Backend[T], x: T) -> T:
        """Return sinc(x)."""
        size = m.abs(x)  # so that all zeros are positive
        return m.where(x == 0, 1.0, m.sinpi(size) / (m.pi * size))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sinc'(x); near 0 by what the sine lacks, as the cosine less sinc(x) would cancel."""
        size = m.abs(x)
        inner, outer = m.minimum(size, 0.25), m.maximum(size, 0.25)
        angle = m.pi * inner
        half = m.sin(0.5 * angle)
        near = (m.sin_shrink(angle) / angle - 2.0 * (half * half)) / inner
        far = (m.cospi(outer) - m.sinpi(outer) / (m.pi * outer)) / outer
        slope = m.where(size < 0.25, near, far)
        return m.where(x == 0, 0.0, m.where(x < 0, -slope, slope))

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added, or more."""
        size = m.abs(x)
        return m.where(size < 0.25, 7.0 * size, 2.0 / size)
