"""What an activation is: a block with a formula, parameters, a value and a derivative; and the registry of blocks."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from actcli.errors import ActcliError, suggestion


class Mathematics(Protocol):
    """The functions a block may use, beside ``+ - * / abs`` and comparisons.

    One block serves three kinds of numbers: float64 arrays, pairs of float64 arrays (double-double) and
    intervals of arbitrary precision. ``maximum_of`` and ``sum_of`` run along the last axis and keep it.
    """

    def exp(self, x: Any) -> Any:
        """e**x."""

    def expm1(self, x: Any) -> Any:
        """e**x - 1, accurate near 0."""

    def log1p(self, x: Any) -> Any:
        """ln(1 + x) for x from 0 to 2, accurate near 0."""

    def sqrt(self, x: Any) -> Any:
        """Square root."""

    def erfcx(self, x: Any) -> Any:
        """exp(x**2) times the complementary error function of x, for x >= 0."""

    def logistic(self, x: Any, factor: Any = 1.0) -> Any:
        """Factor / (1 + exp(-x)), accurate where the quotient alone would underflow."""

    def normal_cdf(self, x: Any, factor: Any = 1.0) -> Any:
        """Factor times the standard normal distribution function of x, in the same way."""

    def tanh_shrink(self, x: Any) -> Any:
        """X - tanh(x), accurate near 0."""

    def number(self, decimal: str) -> Any:
        """Take a constant of a definition from its decimals."""

    pi: Any
    ln2: Any

    def tanh(self, x: Any) -> Any:
        """Hyperbolic tangent."""

    def where(self, condition: Any, chosen: Any, other: Any) -> Any:
        """Take one of the two by a condition."""

    def maximum(self, x: Any, y: Any) -> Any:
        """Take the larger of the two; of equal zeros, that of x."""

    def minimum(self, x: Any, y: Any) -> Any:
        """Take the smaller of the two; of equal zeros, that of x."""

    def copysign(self, size: Any, sign: Any) -> Any:
        """Take the size of one and the sign of the other."""

    def maximum_of(self, x: Any) -> Any:
        """Largest number along the last axis."""

    def sum_of(self, x: Any) -> Any:
        """Sum along the last axis."""

    def descending(self, x: Any) -> Any:
        """Numbers along the last axis, the largest first."""

    def positions(self, x: Any) -> Any:
        """1, 2, 3 ... along the last axis."""

    def running_sum(self, x: Any) -> Any:
        """Add up the numbers to each place along the last axis."""

    def halves(self, x: Any) -> tuple[Any, Any]:
        """Split the last axis in the middle."""

    def joined(self, first: Any, second: Any) -> Any:
        """Put two halves together again."""


class Ratio(NamedTuple):
    """A default that is an exact fraction, like 1/6."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


FRAMEWORKS = ("keras", "keras2", "torch", "jax", "onnx")
EVERYWHERE: dict[str, dict[str, Any]] = {framework: {} for framework in FRAMEWORKS}


class Parameter(NamedTuple):
    """One parameter of a block; a default of None means that leaving it out switches its effect off."""

    default: Any
    help: str
    kind: type | tuple[str, ...] = float
    """float, int, bool, or the words to choose from."""
    spellings: tuple[str, ...] = ()
    """Further names that callers may use."""
    domain: str = ""
    """What a number has to be beside finite: ``"> 0"``, ``">= 0"``, ``"!= 0"``, or ``"any"`` for infinities too."""
    per_column: bool = False
    """Whether it may be a list, too: one number for each column, or for each number along the last axis."""

    @property
    def shown(self) -> str:
        """The default as people read it."""
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


REQUIRED = "required"


def param(default: Any, help: str, **properties: Any) -> Any:
    """Declare a parameter in the body of a block; the properties are those of ``Parameter``."""
    return Parameter(default, help, **properties)


class Activation:
    """A block: everything the program knows about one activation function.

    Commands, options, help, lists and tests are loops over the blocks, so that adding one is adding a class.
    An instance holds parameter values: ``Relu(negative_slope=0.1)``.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    formula: ClassVar[str]
    """The definition as people write it, in Python's notation; the tests evaluate it as their oracle."""
    source: ClassVar[str]
    """Where the mathematics comes from: author, year, publication."""
    family: ClassVar[str]
    """The file it stands in, such as ``rectifiers``."""
    derivative_formula: ClassVar[str]
    """f'(x) away from kinks, in the notation of ``formula``; along an axis that of f[i] by x[j]."""
    range: ClassVar[str]
    """The interval of its results, in terms of its parameters; ``{v} and (a, b)`` for a point beside one."""
    monotonic: ClassVar[str]
    """``strictly increasing``, ``strictly decreasing``, ``non-decreasing`` or ``no``, with the defaults of parameters
    and gates; along an axis f[i] by x[i]."""
    advantages: ClassVar[tuple[str, ...]]
    disadvantages: ClassVar[tuple[str, ...]]
    use: ClassVar[str]
    """Where to take it."""
    calls: ClassVar[dict[str, str]]
    """The line of code, or the operator of ONNX, that calls it in each framework; perhaps in other libraries."""
    aliases: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[dict[str, Parameter]] = {}
    dialects: ClassVar[dict[str, dict[str, Any]]] = {}
    """The frameworks that have it, each with the defaults in which it differs from the block's."""
    nearest: ClassVar[str] = ""
    """What to take instead in a dialect that lacks it."""
    dialect: str = "keras"
    """Whose conventions an instance follows, at the kinks of its derivative."""

    def __init_subclass__(cls) -> None:
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        cls.family = cls.__module__.rpartition(".")[2]
        cls.summary = (cls.__doc__ or "").partition("\n")[0]
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        cls.parameters = {**own, **cls.parameters}

    def __init__(self, **values: Any) -> None:
        for name, parameter in self.parameters.items():
            setattr(self, name, values.pop(name) if name in values else parameter.default)
        if values:
            raise TypeError(f"{self.name} has no parameter {next(iter(values))!r}")

    @classmethod
    def parameter_name(cls, given: str) -> str:
        """Return the name of the parameter that was given under one of its spellings; raise ActcliError otherwise."""
        for name, parameter in cls.parameters.items():
            if given == name or given in parameter.spellings:
                return name
        accepted = ", ".join(cls.parameters) or "none"
        near = suggestion(given, cls.parameters)
        raise ActcliError(f"{cls.name} has no parameter {given!r}{near or f'; its parameters: {accepted}'}")

    def for_columns(self, count: int, columns: str) -> "list[Activation]":
        """Return a block for each column if a parameter is a list, with its number for that column; else none.

        Raises:
            ActcliError: if the list is not as long; the message calls the columns as given in ``columns``.

        """
        values = {name: getattr(self, name) for name in self.parameters}
        lists = {name: value for name, value in values.items() if isinstance(value, list)}
        for name, numbers in lists.items():
            if len(numbers) != count:
                given = f"{self.name}: {name} has {len(numbers)} numbers for {columns}"
                raise ActcliError(f"{given}; accepted is one number, or one for each")
        chosen = [dict(zip(lists, numbers, strict=True)) for numbers in zip(*lists.values(), strict=True)]
        blocks: list[Activation] = [type(self)(**values | numbers) for numbers in chosen]
        for block in blocks:
            block.dialect = self.dialect
        return blocks

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return f(x), written once in a form free of cancellation for every kind of number ``m`` works on."""
        raise NotImplementedError

    tensorflow2: Any = None
    """A method (kernels, x) with the steps of the tutorial's TensorFlow on a float32 array, where it is defined."""


class Elementwise(Activation):
    """An activation that takes each number on its own."""

    rational: ClassVar[bool] = False
    """Whether value and derivative are made of + - * / and comparisons alone, for every parameter."""

    error: float = 2.0**-40
    """Bound on the relative error of ``value`` and ``derivative`` in float64; 0 where all its steps are exact.

    The default has room for a function that is off by 2**-44 and enters eight times, and for the roundings between.
    """
    direct: bool = False
    """Whether at most one step rounds, for float32 numbers: float32 arithmetic then gives the true value rounded."""

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return f'(x), in the same terms as ``value``; at a kink, the convention that the block's text names."""
        raise NotImplementedError

    value_terms: Any = None
    """A method (m, x) that gives the sum of the sizes of the terms of ``value``, where they cancel at a root."""
    derivative_terms: Any = None
    """The same of ``derivative``."""


class AlongAxis(Activation):
    """An activation that takes all numbers along one axis together; its methods work along the last axis."""

    axis: int = param(-1, "axis of the numbers that belong together: -1 each row, 0 down the columns", kind=int)

    def place(self, ndim: int) -> int:
        """Return which of the axes of an array the axis is, from 0; raise ActcliError if the array has none such."""
        if not -ndim <= self.axis < ndim:
            accepted = f"{-ndim} to {ndim - 1}" if ndim else "none: a single number has no axis"
            raise ActcliError(f"{self.name}: axis {self.axis} does not exist here; accepted: {accepted}")
        return self.axis % ndim

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return the product of g, a number for each result, with the Jacobian: a number for each x."""
        raise NotImplementedError

    reduction: Any = None
    """A method (m, x) that gives the few numbers, along the last axis, which results need beside their own ones.

    Then ``merged(m, first, second)`` gives those of two parts together, and ``given(m, x, reduction)`` the results.
    """


class Packed(AlongAxis):
    """An activation of a gate and a value, packed into one input: halves along the axis; the result is half as long."""

    gate: str = "second"
    """Which half is the gate."""

    @property
    def halves(self) -> tuple[str, str]:
        """What the first and the second half are."""
        return ("gate", "value") if self.gate == "first" else ("value", "gate")


Block = TypeVar("Block", bound=type[Activation])
_registry: dict[str, type[Activation]] = {}


def _key(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def activation(block: Block) -> Block:
    """Register a block under its name and its aliases."""
    for name in (block.name, *block.aliases):
        if _registry.setdefault(_key(name), block) is not block:
            raise ValueError(f"{name!r} is taken by {_registry[_key(name)].name}")
    return block


def registered() -> Iterable[type[Activation]]:
    """Return the blocks in the order of the catalogue."""
    return dict.fromkeys(_registry.values())


def find(name: str) -> type[Activation]:
    """Return the block of that name or alias (case, ``-`` and ``_`` do not matter); raise ActcliError otherwise."""
    block = _registry.get(_key(name))
    if block is None:
        near = suggestion(name, [block.name for block in registered()])
        raise ActcliError(f"no activation is called {name!r}{near or '; see actcli --help'}")
    return block
