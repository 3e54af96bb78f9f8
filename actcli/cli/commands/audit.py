"""``actcli audit``: how right the activation functions of the installed frameworks are."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from actcli import registry, signals
from actcli.activation import Activation
from actcli.cli import check_options, messages, outputs
from actcli.cli.check_inputs import choose_inputs
from actcli.cli.command import Command, Declaration, option
from actcli.cli.commands.evaluate import make_evaluation
from actcli.cli.completers import complete_list, function_names
from actcli.cli.options import accept_options
from actcli.errors import require_choice
from actcli.numerics import dtypes
from actcli.referee.frameworks import NAMES, find_frameworks

if TYPE_CHECKING:  # NumPy is loaded once there is something to check
    from actcli.referee.audit import Audit, AuditPlan
    from actcli.referee.upgrade import Change, Row
    from actcli.storage.output import Output

_FORMATS = ("table", "json", "markdown", "csv")
_KINDS = ("value", "derivative")
_DTYPES = ("float16", "bfloat16", "float32")
_HELP = """Audit frameworks: how right are the activation functions that are installed here?

Every function is called by the line of code that actcli info shows, and checked as actcli check does, against the
definition and the defaults of its framework; a parameter without default is 0.5. Frameworks run one after the other,
each in a process of its own; Keras runs on every backend that is installed. A "-" has its reason beside it.

--compare tells what an upgrade changed since an audit that was written with --format json.

Exit status: 0 success; 1 a result of --compare is worse or gone; 2 invalid usage.
"""

_EXAMPLES = (
    "actcli audit jax --dtypes bfloat16",
    "actcli audit jax --functions tanh,gelu --kinds value",
    "actcli audit jax --functions tanh --format json --output old.json",
    "actcli audit jax --functions tanh --compare old.json",
)


def command() -> Command:
    """Return the command, made by Typer."""
    return make_evaluation("audit", audit, _declare(), _HELP, *_EXAMPLES)


def _functions(incomplete: str) -> list[str]:
    return complete_list(function_names(), incomplete)


def _dtypes(incomplete: str) -> list[str]:
    return complete_list(list(dtypes.FORMATS), incomplete)


def _kinds(incomplete: str) -> list[str]:
    return complete_list(_KINDS, incomplete)


def _declare() -> dict[str, Declaration]:
    """Return annotation and declaration of each option, in the order of help."""
    names = f"{', '.join(NAMES)} (default: all that are installed)"
    formats = f"Float formats, separated by commas: {', '.join(dtypes.FORMATS)} (default: {','.join(_DTYPES)})"
    which = "all, strata, strata:N (N numbers of each sign and exponent) or a file (default: all up to 16 bits)"
    kinds = f"Output format: {', '.join(_FORMATS)} (default: table)"
    words = typer.Argument(None, metavar="[FRAMEWORK]...", help=names, autocompletion=lambda: list(NAMES))
    return {
        "words": (list[str], words),
        "functions": (str, option("NAMES", "Functions, separated by commas (default: all)", completer=_functions)),
        "dtypes_": (str, option("DTYPES", formats, "--dtypes", completer=_dtypes)),
        "kinds": (str, option("KINDS", f"{' or '.join(_KINDS)} (default: both)", completer=_kinds)),
        "inputs_": (str, option("WHICH", f"Inputs: {which}", "--inputs")),
        "seed": (str, option("N", "Seed of the strata (default: 0)")),
        "timeout": (str, option("SECONDS", "Give up on a call that takes longer.")),
        "compare": (str, option("FILE", "Show what changed since an earlier audit in JSON.")),
        "format": (str, option("NAME", kinds, "--format", "-f", completer=lambda: list(_FORMATS))),
        "output": (str, option("FILE", "Write to a file.", "--output", "-o")),
    }


class _AuditOptions(NamedTuple):
    """The arguments and options, as they were typed."""

    words: Sequence[str] | None = None
    functions: str | None = None
    dtypes_: str | None = None
    kinds: str | None = None
    inputs_: str | None = None
    seed: str | None = None
    timeout: str | None = None
    compare: str | None = None
    format: str | None = None
    output: str | None = None

    @property
    def chosen(self) -> set[str]:
        """Of which columns of the table some rows were chosen."""
        words = {"framework": self.words, "function": self.functions, "dtype": self.dtypes_, "kind": self.kinds}
        return {name for name, word in words.items() if word}

    def plan(self) -> "AuditPlan":
        """Return what is audited, and how."""
        from actcli.referee.audit import AuditPlan

        reading = accept_options()
        first_seed = 0 if self.seed is None else check_options.parse_count("--seed", self.seed)
        names = _choose("dtypes", self.dtypes_, dtypes.FORMATS, dtypes.ALIASES) or _DTYPES
        return AuditPlan(
            find_frameworks(self.words or ()),
            _choose_functions(self.functions),
            [dtypes.FORMATS[name] for name in names],
            _choose("kinds", self.kinds, _KINDS) or _KINDS,
            lambda truth: choose_inputs(self.inputs_, first_seed, truth, reading._replace(dtype=truth.format.name)),
            with_missing=bool(self.functions or self.kinds),
            timeout=None if self.timeout is None else check_options.parse_size("--timeout", self.timeout),
        )


def audit(**values: Any) -> int:
    """Run the command."""
    own = _AuditOptions(**values)
    options = accept_options(format=own.format, output=own.output)
    kind = check_options.choose_format(options.format, options.output, _FORMATS)
    plan = own.plan()
    from actcli.referee.audit import Audit
    from actcli.referee.upgrade import read_audit

    earlier = None if own.compare is None else read_audit(own.compare)
    place = outputs.resolve_output(options.output)
    found = Audit()
    _run(plan, found)
    changes = None if earlier is None else _compare(plan, found, earlier, own.chosen)
    _write(found, kind, place, changes)
    if found.stopped:
        sys.stdout.flush()
        signals.end_by_interrupt()
    return _say_changes(changes or [])


def _choose(
    name: str, words: str | None, accepted: Iterable[str], aliases: Mapping[str, str] | None = None
) -> list[str]:
    """Return the choices of a list with commas, each once; none without a list."""
    if words is None:
        return []
    found = [require_choice(name, word.strip(), accepted, aliases or {}) for word in words.split(",")]
    return list(dict.fromkeys(found))


def _choose_functions(words: str | None) -> Sequence[type[Activation]]:
    if words is None:
        return list(registry.registered())
    return list(dict.fromkeys(registry.find(word.strip()) for word in words.split(",")))


def _run(plan: "AuditPlan", found: "Audit") -> None:
    """Run an audit to its end, or until Control-C."""
    from actcli.cli.progress import show_count
    from actcli.referee.audit import run_audit

    try:
        with signals.interruptible(), show_count("functions") as on_progress:
            run_audit(plan, found, on_progress)
    except KeyboardInterrupt:
        found.stopped = "interrupted"


def _compare(plan: "AuditPlan", found: "Audit", earlier: "Sequence[Row]", chosen: set[str]) -> "list[Change]":
    """Return what changed since an earlier audit, of which only what was chosen now is expected to be there."""
    from actcli.cli.views.audit_data import describe_rows
    from actcli.referee.upgrade import compare_rows, key_of

    planned = {
        "framework": [framework.name for framework in plan.frameworks],
        "function": [activation.name for activation in plan.activations],
        "dtype": [format.name for format in plan.formats],
        "kind": plan.kinds,
    }
    if found.stopped:  # what was not reached is not gone
        reached = {row.key for row in found.rows}
        earlier = [row for row in earlier if key_of(row) in reached]
    return compare_rows(earlier, describe_rows(found), {name: planned[name] for name in chosen})


def _write(found: "Audit", kind: str, place: "Output", changes: "list[Change] | None") -> None:
    from actcli.cli.views import audit_data, audit_text

    with outputs.open_output(place) as out:
        if kind == "table":
            audit_text.write(out, found, changes)
        else:
            audit_data.write(out, kind, found, changes)


def _say_changes(changes: "Sequence[Change]") -> int:
    """Return the exit status, after a line on standard error for all that is worse or gone."""
    bad = [change for change in changes if change.is_bad]
    if not bad:
        return 0
    counts = ", ".join(f"{sum(each.kind == kind for each in bad)} {kind}" for kind in ("worse", "gone"))
    messages.say(f"{counts} since the earlier audit; the first: {' '.join(bad[0].key)}: {bad[0].what}")
    return 1
