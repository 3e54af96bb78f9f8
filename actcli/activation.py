"""What an activation is: a class with a formula, parameters, a value and a derivative."""

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from actcli import axes
from actcli.backend import AxisBackend, Backend, Formula, T
from actcli.dialects import ALIASES, FRAMEWORKS, Dialect, check_dialects, find_dialect, single_attributes
from actcli.errors import ArgumentError, require_choice
from actcli.parameters import (
    Parameter,
    Preset,
    check_ascending,
    choices_of,
    convert,
    find_name,
    gather_parameters,
    param,
    require_fixed,
)

if TYPE_CHECKING:  # NumPy is loaded by the first call
    from actcli.numerics.dtypes import Format


class Activation:
    """Everything the program knows about one activation function.

    Commands, options, help, lists and tests are loops over these classes, so that adding an activation is adding a
    class. An instance holds parameter values: ``Relu(negative_slope=0.1)``.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    """What it is: a sentence, and perhaps more paragraphs; the help of its command."""
    summary: ClassVar[str]
    """The first line of the description."""
    formula: ClassVar[str]
    """The definition with all its parameters, in Python's notation; the tests evaluate it as their oracle."""
    textbook: ClassVar[str]
    """The definition with the defaults as a textbook has it, such as ``max(x, 0)``; ``formula`` if left out. Beside the
    functions of ``formula`` it may use activations, and Phi, the standard normal distribution function."""
    source: ClassVar[str]
    """Where the mathematics comes from: author, year, publication."""
    family: ClassVar[str]
    """The file it stands in, such as ``rectifiers``."""
    derivative_formula: ClassVar[str]
    """f'(x) away from kinks, in the notation of ``formula``; along an axis that of f[i] by x[j]."""
    kinks: ClassVar[str] = ""
    """What f'(x) is at the kinks, if it has any."""
    range: ClassVar[str]
    """The interval of its results, in terms of its parameters; ``{v} and (a, b)`` for a point beside one."""
    monotonic: ClassVar[str]
    """``strictly increasing``, ``strictly decreasing``, ``non-decreasing`` or ``no``, with the defaults of parameters
    and gates; along an axis f[i] by x[i]."""
    advantages: ClassVar[tuple[str, ...]]
    disadvantages: ClassVar[tuple[str, ...]]
    use: ClassVar[str]
    """Where to take it."""
    other_calls: ClassVar[Mapping[str, str]] = {}
    """The line of code that calls it in libraries whose conventions are no dialect."""
    calls: ClassVar[Mapping[str, str]]
    """The line of code that calls it in each of its dialects and in other libraries."""
    aliases: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    presets: ClassVar[Mapping[str, Preset]] = {}
    """The models that make choices of their own, by name; the parameter ``like`` takes one."""
    fixed: ClassVar[Mapping[str, float]] = {}
    """What frameworks have as parameters and the definition fixes, with the only values that are accepted."""
    ascending: ClassVar[tuple[str, ...]] = ()
    """Parameters of which none may be larger than the next."""
    dialects: ClassVar[Mapping[str, Dialect]] = {}
    """The frameworks that have it, and how."""
    no_limit: ClassVar[tuple[str, ...]] = ()
    """Which of ``value`` and ``derivative`` have no limit at infinities, and are NaN there."""
    nearest: ClassVar[str] = ""
    """What to take instead in a dialect that lacks it."""
    channel_axis: int | None = None
    """Which axis parameters go along that are lists."""
    domain: tuple[float, float] = (-math.inf, math.inf)
    """The interval of x, its ends included, outside of which there is no value, but NaN."""
    dialect: str | None = None
    """Whose conventions an instance follows: Keras's or else those of the first framework; None if none has it."""

    def __init_subclass__(cls) -> None:
        if "name" not in vars(cls):
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        cls.family = cls.__module__.rpartition(".")[2]
        cls.parameters = gather_parameters(vars(cls), cls.parameters, cls.presets)
        if "formula" in vars(cls) and "textbook" not in vars(cls):
            cls.textbook = cls.formula
        if "description" in vars(cls):
            cls.__doc__ = cls.description
            cls.summary = cls.description.partition("\n")[0]
        check_dialects(cls.__name__, cls.dialects, vars(cls))
        cls.dialects = MappingProxyType(dict(cls.dialects))
        cls.calls = MappingProxyType({name: has.call for name, has in cls.dialects.items()} | dict(cls.other_calls))
        cls.dialect = "keras" if "keras" in cls.dialects else next(iter(cls.dialects), None)

    def __init__(self, **values: object) -> None:
        for name, parameter in self.parameters.items():
            setattr(self, name, values.pop(name) if name in values else parameter.default)
        if values:
            raise TypeError(f"{self.name} has no parameter {next(iter(values))!r}")

    @classmethod
    def create(cls, parameters: Mapping[str, object], format: "Format", dialect: str | None = None) -> Self:
        """Return the activation with a caller's parameters, converted for numbers of a format.

        Args:
            parameters: values by name or spelling.
            format: the ``Format`` that parameters are rounded to.
            dialect: the framework whose defaults and conventions are meant; None for those of the catalogue.

        Raises:
            ActcliError: for a parameter or dialect that is not accepted.

        """
        if dialect is not None:
            dialect = require_choice("dialect", dialect, FRAMEWORKS, ALIASES)
        chosen: dict[str, object] = {}
        spellings: dict[str, str] = {}
        for spelling, value in parameters.items():
            if spelling in cls.fixed:
                require_fixed(cls.name, spelling, cls.fixed[spelling], value)
                continue
            name = cls.parameter_name(spelling)
            if name in chosen:
                raise ArgumentError(name, f"is set twice, also as {spelling}", cls.name)
            chosen[name], spellings[name] = value, spelling
        defaults = {name: parameter.default for name, parameter in cls.parameters.items()}
        model = choices_of(cls.name, cls.presets, chosen.get("like"))
        values = {**defaults, **cls._dialect_defaults(dialect), **model, **chosen}
        attributes = single_attributes(dialect, cls.dialects, values)
        converted = {}
        for name, value in values.items():
            dtype = "float32" if name in attributes else format.name
            converted[name] = convert(cls.name, spellings.get(name, name), cls.parameters[name], value, dtype)
        check_ascending(cls.name, {name: converted[name] for name in cls.ascending})
        created = cls(**converted)
        created.dialect = dialect or cls.dialect
        return created

    @classmethod
    def parameter_name(cls, spelling: str) -> str:
        """Return the name of the parameter that has this spelling; raise ActcliError if there is none."""
        return find_name(cls.name, spelling, cls.parameters)

    @classmethod
    def _dialect_defaults(cls, dialect: str | None) -> Mapping[str, object]:
        """Return the defaults in which a dialect differs; raise ActcliError if it lacks the activation."""
        return {} if dialect is None else find_dialect(cls.name, cls.dialects, dialect, cls.nearest).defaults

    def replace(self, **values: object) -> Self:
        """Return a copy in which some parameters have other values."""
        copied = type(self)(**{name: getattr(self, name) for name in self.parameters} | values)
        copied.dialect = self.dialect
        return copied

    @property
    def lists(self) -> dict[str, list[float]]:
        """Those of its parameters that are lists of numbers."""
        values = {name: getattr(self, name) for name in self.parameters}
        return {name: value for name, value in values.items() if isinstance(value, list)}

    tensorflow2: ClassVar[Callable[..., Any] | None] = None
    """A method (kernels, x) with the steps of the tutorial's TensorFlow on a float32 array, where it is defined."""


class Elementwise(Activation):
    """An activation that takes each number on its own."""

    window: ClassVar[tuple[float, float]] = (-4.0, 4.0)
    """The range of x in which a picture shows what is special about it, its kinks included."""
    error: float = 2.0**-40
    """Bound on the relative error of ``value`` and ``derivative`` in float64; 0 where all its steps are exact.

    The default has room for a function that is off by 2**-44 and enters eight times, and for the roundings between.
    """
    single_rounding: bool = False
    """Whether at most one step rounds, for float32 numbers: float32 arithmetic then gives the true value rounded."""

    def value(self, m: Backend[T], x: T) -> T | float:
        """Return f(x), written once in a form free of cancellation for every kind of number ``m`` works on.

        Conditions are those of exact numbers: where digits do not decide one, more of them are computed.
        """
        raise NotImplementedError

    def derivative(self, m: Backend[T], x: T) -> T | float:
        """Return f'(x), in the same terms as ``value``; at a kink, by the convention in ``kinks``."""
        raise NotImplementedError

    value_condition_terms: Formula | None = None
    """A method (m, x) that gives the sum of the sizes of the terms of ``value``, where they cancel at a root."""
    derivative_condition_terms: Formula | None = None
    """The same of ``derivative``."""


_AXIS = "axis along which it works: -1 across each row, 0 down each column"


class AlongAxis(Activation):
    """An activation that takes all numbers along one axis together; its methods work along the last axis."""

    axis: int | tuple[int, ...] = param(-1, f"{_AXIS}; or several", kind=int, spellings=("dim",), several=True)

    @property
    def goes_down_columns(self) -> bool:
        """Whether results of a table depend on the rows above and below."""
        return not {0, -2}.isdisjoint(self.listed_axes)

    @property
    def listed_axes(self) -> tuple[int, ...]:
        """The axes as they were given."""
        return self.axis if isinstance(self.axis, tuple) else (self.axis,)

    def normalize_axes(self, ndim: int) -> tuple[int, ...]:
        """Return its axes of an array, counted from 0; a single number counts as having one axis."""
        return axes.normalize(self.name, self.listed_axes, max(ndim, 1))

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return f(x), written once in a form free of cancellation for every kind of number ``m`` works on."""
        raise NotImplementedError

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return the product of g, a number for each result, with the Jacobian: a number for each x."""
        raise NotImplementedError

    absent: ClassVar[float | None] = None
    """The infinity that counts as no number: where all along the axis are that, nothing is left to choose from."""
    at_absent: ClassVar[float] = 0.0
    """The result at one of those, and at numbers that are masked, beside others that are not."""
    of_nothing: float = math.nan
    """The result where nothing is left to choose from."""
    fill_value: float | None = None
    """Numbers that equal it are masked; None: none are."""
    reduction: ClassVar[Callable[..., Any] | None] = None
    """A method (m, x) that gives the few numbers, along the last axis, which results need beside their own ones."""
    merge_reductions: ClassVar[Callable[..., Any]]
    """Then a method (m, first, second) that gives those of two parts together,"""
    apply_reduction: ClassVar[Callable[..., Any]]
    """and one (m, x, reduction) that gives the results."""


class Packed(AlongAxis):
    """An activation of a gate and a value, packed into one input along the axis; the result is half as long."""

    gate: str = "second"
    """Which half is the gate; where they are interleaved, which of each two numbers."""
    layout: str = param(
        "halves", "gate and value one after the other, or number by number", kind=("halves", "interleaved")
    )
    axis: int = param(-1, _AXIS, kind=int, spellings=("dim",))

    @property
    def halves(self) -> tuple[str, str]:
        """What the first and the second half are, or of each two numbers the first and the second."""
        return ("gate", "value") if self.gate == "first" else ("value", "gate")

    def places(self, count: int) -> tuple[slice, slice]:
        """Return where the gate and where the value is among so many numbers, an even count."""
        if self.layout == "interleaved":
            first, second = slice(0, count, 2), slice(1, count, 2)
        else:
            first, second = slice(0, count // 2), slice(count // 2, count)
        return (first, second) if self.gate == "first" else (second, first)

    def partners(self, count: int) -> list[tuple[int, ...]]:
        """Return for each result which of so many numbers it is made of, in their order."""
        pairs = zip(*(range(count)[place] for place in self.places(count)), strict=True)
        return [tuple(sorted(pair)) for pair in pairs]

    def gated(self, m: Backend[T], gate: T, value: T) -> T:
        """Return the results."""
        return self.product(m, gate, self.factor(m, value))

    def factor(self, m: Backend[T], value: T) -> T:
        """Return what the activated gate is multiplied by."""
        return value

    def factor_slope(self, m: Backend[T], value: T) -> T | float:
        """Return the derivative of the factor by the value."""
        return 1.0

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times a factor, written once for every kind of number, as values are."""
        raise NotImplementedError

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        raise NotImplementedError

    def slope(self, m: Backend[T], gate: T) -> T | float:
        """Return the derivative of the activated gate by the gate; at infinities the limit."""
        far = m.where(m.abs(gate) >= math.inf, m.copysign(2.0**800, gate), gate)
        return self.unit().derivative(m, far)
