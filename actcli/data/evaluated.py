"""What an activation gives for a batch, and which columns are written of it."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

from actcli.activation import Activation, Packed
from actcli.data.batch import ArraySlice, Column, Numbers, Rows, Table, concatenate, concatenate_columns
from actcli.errors import ActcliError

if TYPE_CHECKING:
    from actcli.numerics.quantized import Quantization

T = TypeVar("T")
Placement: TypeAlias = Literal["append", "replace", "only"]
"""Where results stand: behind the input columns, in place of the converted ones, or by themselves."""


class Job(NamedTuple):
    """What to do with every batch."""

    activation: Activation
    dtype: str = "float32"
    numerics: str = "exact"
    saturate: bool = False
    """Whether the largest number of the dtype takes the place of whatever lies beyond it."""
    derivative: bool = False
    naming: str | None = None
    """The template of the results' names; None: the default one."""
    placement: Placement = "append"
    compared: tuple[Activation, ...] = ()
    """All activations, where several stand side by side; ``activation`` is the first of them."""
    dialects: int = 1
    """How many of these in a row are one function in several dialects; their distance in ulp follows them."""
    bits: bool = False
    """Whether the bits of numbers stand beside them."""
    quantization: "Quantization | None" = None
    """What integer codes stand for, where these are evaluated rather than numbers of the dtype."""
    mask_columns: tuple[str, ...] = ()
    """Which columns say what of the others is masked, as ``selection.select_masks`` takes them; none: nothing is."""
    reduction: Any = None
    """What all rows of each column reduce to, where the results down a column depend on it."""

    @property
    def number_type(self) -> str:
        """The dtype of the results."""
        return self.dtype if self.quantization is None else self.quantization.dtype


class InputColumn(NamedTuple):
    """A column that is written as it was read or typed."""

    name: str
    position: int


class EvaluatedRows(NamedTuple):
    """Rows, and what the activation gives for them."""

    job: Job
    rows: Rows
    """What stands beside the results, row by row."""
    results: list[Column]
    derivatives: list[Column]
    """As many as the results, or none."""

    @property
    def all_results(self) -> list[Column]:
        """The results, then the derivatives; or the bits of the inputs, then each result with its bits behind it."""
        results = [*self.results, *self.derivatives]
        if not self.job.bits:
            return results
        inputs = self.rows.columns if self.job.placement == "append" else []
        return [*map(_bits_of, inputs), *itertools.chain.from_iterable(map(_beside_bits, results))]

    def as_bits(self) -> "EvaluatedRows":
        """Return the same with the bits of results in place of numbers."""
        results, derivatives = ([column.as_bits() for column in kind] for kind in (self.results, self.derivatives))
        return self._replace(results=results, derivatives=derivatives)

    @property
    def columns(self) -> list[InputColumn | Column]:
        """What is written, column by column.

        Raises:
            ActcliError: if a result would have the name of an input column beside it.

        """
        inputs = [InputColumn(name, i) for i, name in enumerate(self.rows.column_names)]
        if self.job.placement == "only":
            return [*self.all_results]
        if self.job.placement == "replace":
            replaced = {result.position: result for result in self.results}
            return [replaced.get(column.position, column) for column in inputs]
        if clashing := {column.name for column in inputs}.intersection(column.name for column in self.all_results):
            name = next(column.name for column in inputs if column.name in clashing)
            remedy = "use --only" if self.job.compared else "rename the results with --as, or use --replace or --only"
            raise ActcliError(f"the input already has a column named {name!r}, like a result; {remedy}")
        return [*inputs, *self.all_results]

    @property
    def names(self) -> list[str]:
        """The names of these columns."""
        return [column.name for column in self.columns]

    def rendered(self, from_input: Callable[[int], T], from_result: Callable[[Column], T]) -> list[T]:
        """Return what is written, column by column, each made by the function for its type.

        Args:
            from_input: takes the position of an input column.
            from_result: takes a column of results.

        """
        return [
            from_input(column.position) if isinstance(column, InputColumn) else from_result(column)
            for column in self.columns
        ]

    @property
    def sources(self) -> list[list[Column]]:
        """The converted columns that each result was made from."""
        return sources_of(self.job.activation, self.rows.columns)


def sources_of(activation: Activation, columns: list[Column]) -> list[list[Column]]:
    """Return which of the converted columns each result of an activation is made from."""
    if isinstance(activation, Packed):
        return [[columns[i] for i in pair] for pair in activation.partners(len(columns))]
    return [[column] for column in columns]


def _bits_of(column: Column) -> Column:
    """Return the column of the bits of a column's numbers."""
    return column.as_bits()._replace(name=f"{column.name}_bits")


def _beside_bits(column: Column) -> list[Column]:
    """Return a column and, unless it counts ulps, that of its bits."""
    return [column] if column.content == "ulps" else [column, _bits_of(column)]


class EvaluatedSlice(NamedTuple):
    """A slice of an array, and what the activation gives for it."""

    slice: ArraySlice
    results: Numbers
    derivatives: Numbers | None


Evaluated: TypeAlias = EvaluatedRows | EvaluatedSlice


def require_evaluated_rows(evaluated: Evaluated) -> EvaluatedRows:
    """Return what was evaluated of rows; raise TypeError for a slice of an array."""
    if isinstance(evaluated, EvaluatedSlice):
        raise TypeError("a slice of an array is not rows of a table")
    return evaluated


def require_evaluated_slice(evaluated: Evaluated) -> EvaluatedSlice:
    """Return what was evaluated of a slice of an array; raise TypeError for rows."""
    if isinstance(evaluated, EvaluatedRows):
        raise TypeError("rows of a table are not a slice of an array")
    return evaluated


def concatenate_evaluated(parts: list[EvaluatedRows]) -> EvaluatedRows:
    """Return results for rows that follow each other as one."""
    if len(parts) == 1 or not isinstance(parts[0].rows, Table):
        return parts[0]
    results = zip(*(part.results for part in parts), strict=True)
    derivatives = zip(*(part.derivatives for part in parts), strict=True)
    return parts[0]._replace(
        rows=concatenate([part.rows for part in parts]),
        results=list(map(concatenate_columns, results)),
        derivatives=list(map(concatenate_columns, derivatives)),
    )
