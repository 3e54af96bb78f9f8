"""Numbers that carry their derivative: the exact slope of a formula, without taking differences."""

from types import ModuleType
from typing import Any

from mpmath import mp

_HUGE_EXPONENT = 5000  # of 2, beyond which a number can only be an exponential itself; its own is beyond that, too


class Dual:
    """A value and its derivative by x."""

    tied = False
    """Whether equal values were compared: only there can a formula with cases have a kink."""

    def __init__(self, value: Any, slope: Any = 0) -> None:
        self.value, self.slope = value, slope

    def __neg__(self) -> "Dual":
        return Dual(-self.value, -self.slope)

    def __add__(self, other: Any) -> "Dual":
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Any) -> "Dual":
        return self + -dual(other)

    def __mul__(self, other: Any) -> "Dual":
        other = dual(other)
        return Dual(self.value * other.value, _times(self.slope, other.value) + _times(other.slope, self.value))

    def __truediv__(self, other: Any) -> "Dual":
        other = dual(other)
        quotient = _over(self.value, other.value)
        return Dual(quotient, _over(self.slope - _times(other.slope, quotient), other.value))

    def __pow__(self, power: int) -> "Dual":
        return Dual(self.value**power, power * self.value ** (power - 1) * self.slope)

    def __rsub__(self, other: Any) -> "Dual":
        return dual(other) - self

    def __rtruediv__(self, other: Any) -> "Dual":
        return dual(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __abs__(self) -> "Dual":
        return -self if self < 0 else self

    def __lt__(self, other: Any) -> bool:
        return self._versus(other, self.value < dual(other).value)

    def __le__(self, other: Any) -> bool:
        return self._versus(other, self.value <= dual(other).value)

    def __gt__(self, other: Any) -> bool:
        return self._versus(other, self.value > dual(other).value)

    def __ge__(self, other: Any) -> bool:
        return self._versus(other, self.value >= dual(other).value)

    def __eq__(self, other: Any) -> bool:
        return self._versus(other, self.value == dual(other).value)

    __hash__ = None  # type: ignore[assignment]

    def _versus(self, other: Any, answer: bool) -> bool:
        if self.value == dual(other).value:
            Dual.tied = True
        return answer


def dual(x: Any) -> Dual:
    """Return x as a dual number; a constant has slope 0."""
    return x if isinstance(x, Dual) else Dual(x)


def _times(slope: Any, factor: Any) -> Any:
    return 0 if slope == 0 else slope * factor  # even where the factor is infinite


def _over(number: Any, divisor: Any) -> Any:
    if divisor == 0 and isinstance(divisor, mp.mpf):  # MPFR divides by 0, mpmath does not
        return mp.inf * number
    return number / divisor


def _chain(value: Any, slope: Any) -> Any:
    def function(x: Any) -> Dual:
        x = dual(x)
        y = value(x.value)
        return Dual(y, _times(x.slope, slope(x.value, y)))

    function.of_number = value  # type: ignore[attr-defined]
    return function


def functions(library: ModuleType | Any, pi: Any, trace: Any) -> dict[str, Any]:
    """Return the functions of a formula, over gmpy2 or mpmath; ``trace`` is the relative size of their last bit."""

    def is_beyond(x: Any) -> bool:
        # mpmath would need as many digits as x has
        return library is mp and abs(x) > mp.mpf(2) ** _HUGE_EXPONENT

    def log(x: Any) -> Any:
        return mp.nan if library is mp and x < 0 else library.log(x)  # MPFR's is NaN there, not complex

    def density(x: Any) -> Any:
        return 2 / library.sqrt(pi) * library.exp(-x * x)

    def tanh(x: Any) -> Any:
        y = library.sign(x) if is_beyond(x) else library.tanh(x)
        # Where it rounds to 1, it is still less: at a tie that decides.
        return y - y * trace if abs(y) == 1 else y

    def exp(x: Any) -> Any:
        return mp.mpf(2) ** (2**_HUGE_EXPONENT if x > 0 else -(2**_HUGE_EXPONENT)) if is_beyond(x) else library.exp(x)

    def sech(x: Any) -> Any:
        return exp(-abs(x)) if is_beyond(x) else library.sech(x)

    def nearest(x: Any) -> Any:
        return mp.nint(x) if library is mp else library.rint(x)

    def sinpi(x: Any) -> Any:
        size, count = abs(x), int(nearest(abs(x)))
        y = library.sin(pi * (size - count)) * (-1) ** (count % 2)
        return -abs(y) if y == 0 and x < 0 else abs(y) if y == 0 else -y if x < 0 else y

    def cospi(x: Any) -> Any:
        return sinpi(0.5 - abs(x - 2 * nearest(x / 2)))

    return {
        "exp": _chain(exp, lambda x, y: y),
        "log": _chain(log, lambda x, y: 1 / abs(x) if x >= 0 else y),
        "sqrt": _chain(library.sqrt, lambda x, y: 1 / (2 * y) if y else y),  # 0 only where the argument underflows
        "tanh": _chain(tanh, lambda x, y: sech(x) ** 2),
        "sin": _chain(library.sin, lambda x, y: library.cos(x)),
        "sinpi": _chain(sinpi, lambda x, y: pi * cospi(x)),
        "erf": _chain(library.erf, lambda x, y: density(x)),
        "erfc": _chain(library.erfc, lambda x, y: -density(x)),
        "min": min,
        "max": max,
        "abs": abs,
        "pi": pi,
    }
