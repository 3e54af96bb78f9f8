"""What is judged: something that gives numbers for numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from actcli.errors import ActcliError, ArgumentError
from actcli.numerics.dtypes import FloatArray, Format

_MAX_TIMEOUT = 1e6  # seconds; the system's own timers count up to 24 days


class KernelError(ActcliError):
    """The kernel failed: it raised, died, hung, or gave something else than a number for each input.

    Args:
        message: the whole message.
        problem: the part of it that names neither the kernel nor an input; None: all of it.

    """

    def __init__(self, message: str, problem: str | None = None) -> None:
        super().__init__(message)
        self.problem = problem or message


class Kernel(Protocol):
    """Something that gives numbers for numbers."""

    name: str
    """What the report calls it: what was written on the command line."""

    def compute(self, inputs: FloatArray) -> FloatArray:
        """Return the results for inputs in one call of the kernel, never writing to them.

        Args:
            inputs: 1-D; for a function along an axis 2-D, a row per case. Where every k-th number of an array is
                passed, a kernel that takes NumPy arrays or tensors gets every k-th number of one, too.

        Raises:
            KernelError: if the kernel fails; the message names it and, where known, the input.

        """
        ...


@runtime_checkable
class EarlyKernel(Kernel, Protocol):
    """A kernel that can compute while its caller does something else."""

    def begin(self, inputs: FloatArray) -> None:
        """Begin with inputs, for which ``compute`` is called next."""
        ...


class Recorded(NamedTuple):
    """Numbers already computed: the inputs come from the file, too."""

    name: str
    """What the report calls it."""
    inputs: FloatArray
    results: FloatArray
    warnings: tuple[str, ...] = ()
    """Sentences for the report, such as that the file has too few digits."""


@dataclass(frozen=True)
class KernelOptions:
    """How a kernel is called."""

    dtype: Format
    """Of the inputs."""
    out_dtype: Format
    """Of the results."""
    derivative: bool = False
    """Whether f'(x) is judged: torch and JAX differentiate, every other kernel has to compute it itself."""
    with_: Mapping[str, str] = field(default_factory=dict)
    """Keyword arguments of the callable: Python literals, and other text as it is."""
    device: str | None = None
    """Where torch or JAX compute, such as ``cuda``."""
    compile: bool = False
    """Whether the callable goes through torch.compile or jax.jit."""
    timeout: float | None = None
    """How many seconds a call may take; None: any."""
    columns: str | None = None
    """The columns, or tensors, of inputs and results in a file; None: x and y."""
    command: str | None = None
    """The command that is the kernel."""
    packed: bool = False
    """Whether a row of results is half as long as its inputs, as for a gate and a value in one row."""

    def __post_init__(self) -> None:
        if self.timeout is not None and not 0 < self.timeout <= _MAX_TIMEOUT:
            problem = f"must be a number of seconds > 0 and <= {_MAX_TIMEOUT:,.0f}, got {self.timeout:g}"
            raise ArgumentError("timeout", problem)
