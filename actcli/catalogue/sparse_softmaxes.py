"""Functions along an axis whose results may be exactly 0."""

from actcli.activation import AlongAxis
from actcli.backend import AxisBackend, Condition, T
from actcli.catalogue.along_axis import Softmax
from actcli.catalogue.shares import Maskable, below, first_largest, flat, weighted_vjp
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation

_CANCELLED = 2.0**-36
"""Below it, a difference of numbers near 1 has too few digits left in pairs."""


@activation
class Sparsemax(Maskable):
    description = "Sparsemax: the nearest probability distribution, with zeros where softmax gives small probabilities."
    formula = "max(x[i] - max((sum(sorted(x)[-k:]) - 1) / k for k in range(1, len(x) + 1)), 0)"
    textbook = "max(x[i] - tau, 0)"
    source = "Martins & Astudillo 2016, arXiv:1602.02068"
    derivative_formula = "(i == j) - 1 / sum(y > 0 for y in f) if f[i] > 0 and f[j] > 0 else 0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "a sparse probability distribution, with exact zeros",
        "attention that is easy to read",
    )
    disadvantages = (
        "no gradient for entries at 0",
        "needs to sort its input",
    )
    use = "attention and output layers in which few entries should be above 0"
    dialects = {
        "keras": Dialect("keras.activations.sparsemax(x, axis=-1)"),
    }
    nearest = "softmax"

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return sparsemax(x) along the last axis; Keras up to 3.15.1 gives other numbers, by a mistake."""
        lower, limit = self._limit(m, x)
        share = m.distrust((lower > limit) & (lower - limit < _CANCELLED), lower - limit)
        return m.where(lower > limit, share, m.where(lower <= limit, 0.0, lower))

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return g less its mean where sparsemax(x) is above 0, and 0 elsewhere."""
        lower, limit = self._limit(m, x)
        total, count = (m.sum_last(m.where(lower > limit, numbers, 0.0)) for numbers in (g, 1.0))
        return m.where(lower > limit, g - total / count, m.where(lower <= limit, 0.0, lower))

    def _limit(self, m: AxisBackend[T], x: T) -> tuple[T, T]:
        """Return x less its maximum, and the number that those with a share exceed."""
        lower = below(m, x, m.max_last(x))
        ordered = m.sort_descending(lower)
        inside = 1.0 + m.positions(ordered) * ordered > m.cumsum(ordered)
        count = m.sum_last(m.where(inside, 1.0, 0.0))
        return lower, (m.sum_last(m.where(inside, ordered, 0.0)) - 1.0) / count


@activation
class Entmax15(Maskable):
    description = (
        "1.5-entmax: between softmax and sparsemax, a sparse probability distribution with a smooth edge.\n\n"
        "The threshold tau is the one with which the results sum to 1. Equal numbers get equal shares; -inf gets none."
    )
    formula = (
        "max(x[i] / 2 - max(min(sum(y) / (2 * k) - sqrt(max(4 - sum(t**2 for t in y) + sum(y)**2 / k, 0) / k) / 2, "
        "y[0] / 2) for k, y in ((k, sorted(x)[-k:]) for k in range(1, len(x) + 1))), 0)**2"
    )
    textbook = "max(x[i] / 2 - tau, 0)**2"
    source = "Peters, Niculae & Martins 2019, arXiv:1905.05702"
    derivative_formula = "sqrt(f[i]) * ((i == j) - sqrt(f[j]) / sum(sqrt(y) for y in f))"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "a sparse probability distribution, with exact zeros",
        "its gradient has no jump where a share becomes 0",
    )
    disadvantages = (
        "no gradient for entries at 0",
        "needs to sort its input",
    )
    use = "attention and output layers between softmax and sparsemax"
    other_calls = {"entmax": "entmax.entmax15(x, dim=-1)"}
    nearest = "sparsemax"

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return entmax15(x) along the last axis."""
        root = self._roots(m, x)
        return root * root

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return s * (g - sum(g * s) / sum(s)), where s is the square root of entmax15(x)."""
        s = self._roots(m, x)
        return weighted_vjp(m, first_largest(m, x), g, s, s / m.sum_last(s))

    def _roots(self, m: AxisBackend[T], x: T) -> T:
        """Return the square roots of the results, x / 2 - tau in the support and 0 elsewhere."""
        largest = m.max_last(x)
        ordered = m.sort_descending(x)
        z, sorted_z = (_halved(m, numbers, largest) for numbers in (x, ordered))
        place, total = m.positions(sorted_z), m.cumsum(sorted_z)
        # Where tau is the number at a place, the results up to there sum to this.
        reach = m.cumsum(sorted_z * sorted_z) - sorted_z * (2.0 * total - place * sorted_z)
        count = m.count_last(reach < 1.0)
        inside = place <= count
        support = m.where(inside, sorted_z, 0.0)
        total, squares = m.sum_last(support), m.sum_last(support * support)
        deviation = m.where(inside, sorted_z - total / count, 0.0)
        spread = m.sqrt((1.0 - m.sum_last(deviation * deviation)) / count)
        root = z - total / count + spread
        # At the edge of the support that difference cancels; this is it times its sum, over the sum.
        missing = 1.0 - (squares - z * (2.0 * total - count * z))
        at_edge = missing / (count * spread + m.maximum(total - count * z, 0.0))
        lowest = m.sum_last(m.where(place == count, ordered, 0.0))
        root = m.where(root > 2.0**-10, root, at_edge)
        root = m.distrust((x >= lowest) & (root < _CANCELLED), root)
        share = m.where(x >= lowest, root, m.where(x <= largest, 0.0, largest))  # NaN where there is one
        return m.where(count >= 1.0, share, count)  # which is NaN where pairs cannot tell


def _halved(m: AxisBackend[T], x: T, largest: T) -> T:
    """Return half of what x lies below the largest, at least -2: from -1 on nothing has a share."""
    return m.maximum(0.5 * below(m, x, largest), -2.0)


@activation
class AlphaEntmax(Maskable):
    description = (
        "Alpha-entmax: from softmax at alpha 1 over 1.5-entmax to sparsemax at 2, sparser the larger alpha is.\n\n"
        "The threshold tau is the one with which the results sum to 1."
    )
    formula = (
        "max((alpha - 1) * x[i] - root(sum(max((alpha - 1) * t - tau, 0)**(1 / (alpha - 1)) for t in x) - 1 "
        "for tau in reals), 0)**(1 / (alpha - 1)) if alpha > 1 else exp(x[i]) / sum(exp(t) for t in x)"
    )
    textbook = "max((alpha - 1) * x[i] - tau, 0)**(1 / (alpha - 1))"
    source = "Peters, Niculae & Martins 2019, arXiv:1905.05702"
    derivative_formula = (
        "f[i]**(2 - alpha) * ((i == j) - f[j]**(2 - alpha) / sum(y**(2 - alpha) for y in f if y > 0)) "
        "if f[i] > 0 and f[j] > 0 else 0"
    )
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "a sparse probability distribution, whose sparsity is a choice",
        "alpha can be learned, even one for each attention head",
    )
    disadvantages = (
        "no gradient for entries at 0",
        "its threshold has no formula and has to be searched for",
    )
    use = "attention and output layers in which few entries should be above 0"
    other_calls = {"entmax": "entmax.entmax_bisect(x, alpha=1.5, dim=-1)"}
    nearest = "softmax"

    alpha: float = param(1.5, "how sparse the results are: 1 is softmax, 2 sparsemax", domain=">= 1 and <= 2")

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return alpha-entmax of x along the last axis."""
        if kin := self._kin():
            return kin.value(m, x)
        largest, y, slope, base, inside = self._solve(m, x)
        share = slope * base
        is_largest = m.where(y >= 0.0, 1.0, 0.0)
        count = m.sum_last(is_largest)
        share = m.where(m.sum_last(m.where(inside, 1.0, 0.0)) <= count, is_largest / count, share)
        return m.where(x <= largest, share, largest)  # NaN where there is one

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return s * (g - sum(g * s) / sum(s)), where s is the slope of each share, its power of 2 - alpha."""
        if kin := self._kin():
            return kin.vjp(m, x, g)
        largest, _, slope, _, _ = self._solve(m, x)
        result = weighted_vjp(m, first_largest(m, x), g, slope, slope / m.sum_last(slope))
        return m.where(x <= largest, result, largest)

    def _kin(self) -> AlongAxis | None:
        """Return the function that it is at this alpha, if that has a closed form."""
        kin = {1.0: Softmax, 1.5: Entmax15, 2.0: Sparsemax}.get(self.alpha)
        return kin and kin()

    def _solve(self, m: AxisBackend[T], x: T) -> tuple[T, T, T, T, Condition]:
        """Return the largest number, how far each lies below it, and the terms at the root."""
        largest = m.max_last(x)
        y = below(m, x, largest)
        slope, base, inside = self._terms(m, y, m.root_last(m, self._excess, y))
        # Near the edge of the support, few digits are left of the base.
        return largest, y, m.distrust(inside & (base < 2.0**-11), slope), base, inside

    def _terms(self, m: AxisBackend[T], y: T, s: T) -> tuple[T, T, Condition]:
        """Return the slopes of the shares, their bases and where a share is above 0.

        With s, which is tau on the scale of softmax, a share is a power of 1 + (alpha - 1) * (y - s).
        """
        a = self.alpha - 1.0
        w = a * (y - s)
        inside = w > -1.0
        # Beyond the edge any base will do; at it the logarithm takes what is too small for any share for 0.
        w = m.where(w > -1.0 - 2.0**-20, w, 0.0)
        base = m.maximum(1.0 + w, 2.0**-1074)
        slope = m.exp(-m.log1p(-w / base) * (1.0 - a) / a)
        return m.where(inside, slope, 0.0), m.where(inside, base, 0.0), inside

    def _excess(self, m: AxisBackend[T], y: T, s: T) -> tuple[T, T]:
        """Return by how much the shares sum to more than 1, and how fast that decreases with s."""
        slope, base, _ = self._terms(m, y, s)
        return m.sum_last(slope * base) - 1.0, m.sum_last(slope)


@activation
class Hardmax(AlongAxis):
    description = "Hardmax: 1 at the first maximum along the axis, 0 elsewhere."
    formula = "1 if i == x.index(max(x)) else 0"
    textbook = "1 if x[i] == max(x) else 0"
    source = "no paper; ONNX operator Hardmax"
    derivative_formula = "0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = ("a one-hot vector that names the winner",)
    disadvantages = ("its gradient is 0, so nothing is learned through it",)
    use = "predictions, after training"
    dialects = {
        "onnx": Dialect("Hardmax(x, axis=-1)"),
    }
    nearest = "softmax"

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return hardmax(x) along the last axis."""
        largest = m.max_last(x)
        return m.where(x <= largest, first_largest(m, x), largest)  # NaN where there is one

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return 0: between the jumps nothing changes."""
        return flat(m, x)
