"""The options that ``check`` alone has, as one object."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from actcli.cli.command import HIDDEN, Declaration, flag, option
from actcli.cli.inputs import parse_finite
from actcli.errors import ActcliError, ArgumentError, require_choice
from actcli.formats import registry
from actcli.numerics import dtypes

if TYPE_CHECKING:  # NumPy is loaded once there is something to check
    from actcli.numerics.dtypes import Format
    from actcli.referee.differences import Leniency
    from actcli.referee.kernel import KernelOptions
    from actcli.referee.truth import Truth

FORMATS = ("table", "json", "csv", "markdown", "junit")


class CheckOptions(NamedTuple):
    """The options that ``check`` alone has, as they were typed."""

    command: str | None = None
    columns: str | None = None
    with_: Sequence[str] = ()
    device: str | None = None
    compile: bool = False
    timeout: str | None = None
    out_dtype: str | None = None
    inputs_: str | None = None
    seed: str = "0"
    ftz: bool = False
    daz: bool = False
    daz_min: bool = False
    floor: str | None = None
    lengths: bool = False
    max_steps: str | None = None
    budget: str | None = None
    emit_budget: str | None = None
    worst: str = "5"

    @classmethod
    def take(cls, values: dict[str, Any]) -> Self:
        """Return these options, and leave the others among the values."""
        return cls(**{name: values.pop(name) for name in cls._fields if name in values})

    @property
    def limit(self) -> int | None:
        """The most steps that a result may be off, if any."""
        return None if self.max_steps is None else parse_count("--max-steps", self.max_steps)

    @property
    def worst_kept(self) -> int:
        """How many of the worst results of each class are shown."""
        return parse_count("--worst", self.worst, least=1)

    @property
    def first_seed(self) -> int:
        """The seed of the strata."""
        return parse_count("--seed", self.seed)

    def result_format(self, format: "Format") -> "Format":
        """Return the format of the results, for inputs of a format."""
        if self.out_dtype is None:
            return format
        return dtypes.FORMATS[require_choice("out_dtype", self.out_dtype, dtypes.FORMATS, dtypes.ALIASES)]

    def leniency(self) -> "Leniency":
        """Return what is accepted beside the true value rounded once."""
        from actcli.referee.differences import Leniency

        floor = None if self.floor is None else parse_size("--floor", self.floor)
        return Leniency(self.ftz, self.daz, self.daz_min, floor)

    def kernel_options(self, truth: "Truth") -> "KernelOptions":
        """Return how the kernel is called."""
        from actcli.referee.kernel import KernelOptions

        return KernelOptions(
            dtype=truth.format,
            out_dtype=truth.out_format,
            derivative=truth.derivative,
            with_=_parse_keywords(self.with_),
            device=self.device,
            compile=self.compile,
            timeout=None if self.timeout is None else parse_finite("--timeout", self.timeout),
            columns=self.columns,
            command=self.command,
            packed=truth.is_packed,
        )


def choose_format(format: str | None, output: str | None, accepted: Sequence[str]) -> str:
    """Return the format of a report: as asked for, or by the ending of the file that it goes to."""
    if format is not None:
        return require_choice("format", format, accepted)
    if output is None:
        return "table"
    if output.endswith(".xml"):
        return require_choice("format", "junit", accepted)
    name = registry.output_format(output)
    return require_choice("format", "table" if name == "plain" else name, accepted)


def declare() -> dict[str, Declaration]:
    """Return annotation and declaration of each, in the order of help."""
    return _declare_kernel_options() | _declare_check_options() | _declare_limit_options()


def _declare_kernel_options() -> dict[str, Declaration]:
    panel = "Kernel"
    return {
        "command": (str, option("TEXT", "Program that reads raw numbers and writes as many.", panel=panel)),
        "columns": (str, option("X,Y", "Columns of inputs and results.", "--columns", "-c", panel=panel)),
        "with_": (
            list[str],
            option("NAME=VALUE", "Keyword argument of the function, such as approximate=tanh.", "--with", panel=panel),
        ),
        "device": (str, option("NAME", "Where torch or JAX compute, such as cuda.", panel=panel)),
        "compile": (bool, flag("--compile", "Use torch.compile or jax.jit.", panel=panel)),
        "timeout": (str, option("SECONDS", "Give up on a call that takes longer.", panel=panel)),
        "out_dtype": (str, option("DTYPE", "Float format of the results (default: --dtype)", panel=panel)),
    }


def _declare_check_options() -> dict[str, Declaration]:
    panel = "Check"
    which = "all, strata, strata:N (N numbers of each sign and exponent) or a file (default: all up to 16 bits)"
    daz = "Accept for subnormal inputs the results for zeros; --daz=min: for the smallest normal numbers too."
    return {
        "derivative": (bool, flag("--derivative", "Check the derivative; torch and JAX differentiate.", panel=panel)),
        "inputs_": (str, option("WHICH", f"Inputs: {which}", "--inputs", panel=panel)),
        "seed": (str, option("N", "Seed of the strata (default: 0)", panel=panel)),
        "ftz": (bool, flag("--ftz", "Accept zeros for results below the normal numbers.", panel=panel)),
        "daz": (bool, flag("--daz", daz, panel=panel)),
        "daz_min": (bool, flag("--daz-min", daz, panel=HIDDEN)),
        "floor": (str, option("A", "Accept an absolute error of up to A.", panel=panel)),
        "lengths": (
            bool,
            flag("--lengths", "Try arrays of length 1 to 65, and every second place of one.", panel=panel),
        ),
    }


def _declare_limit_options() -> dict[str, Declaration]:
    panel = "Limits and report"
    formats = f"Output format: {', '.join(FORMATS)} (default: table)"
    return {
        "max_steps": (str, option("N", "Exit 1 if a result is off by more than N steps.", panel=panel)),
        "budget": (str, option("FILE", "Exit 1 if the budget of a TOML file is exceeded.", panel=panel)),
        "emit_budget": (str, option("FILE", "Write what was measured as the budget.", panel=panel)),
        "worst": (str, option("N", "Worst results of each class to show (default: 5)", panel=panel)),
        "format": (
            str,
            option("NAME", formats, "--format", "-f", completer=lambda: list(FORMATS), panel=panel),
        ),
    }


def parse_count(flag: str, word: str, least: int = 0) -> int:
    """Return the number of an option, an integer."""
    if not (word.strip().isdecimal() and int(word) >= least):
        raise ActcliError(f"{flag} must be an integer >= {least}, got {word!r}")
    return int(word)


def _parse_keywords(words: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for word, (name, equals, _) in zip(words, pairs, strict=True):
        if not (equals and name.isidentifier()):
            raise ArgumentError("with", f"must be NAME=VALUE, got {word!r}")
    return {name: value for name, _, value in pairs}


def parse_size(flag: str, word: str) -> float:
    """Return the number of an option, at least 0."""
    number = parse_finite(flag, word)
    if number < 0:
        raise ActcliError(f"{flag} must be a number >= 0, got {word!r}")
    return number
