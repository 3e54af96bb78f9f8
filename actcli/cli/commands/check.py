"""``actcli check``: whether a kernel gives the true values of a function, and where not."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from actcli import signals
from actcli.activation import Activation
from actcli.cli import check_options, functions, messages, outputs
from actcli.cli.check_inputs import choose_inputs
from actcli.cli.check_options import FORMATS, CheckOptions
from actcli.cli.command import Command
from actcli.cli.options import Options, accept_options
from actcli.errors import ActcliError
from actcli.numerics import dtypes
from actcli.storage.output import Output

if TYPE_CHECKING:  # NumPy is loaded once there is something to check
    from actcli.referee.check import Check
    from actcli.referee.report import Report

_SHARED = ("dtype", "saturate", "dialect", "output")

_HELP = """Check a kernel: is it right, and where not?

The kernel's results are compared with the true values, rounded once: for every number of a format of 16 bits or fewer,
and for numbers of every sign and exponent of float32 and float64. Distances are in steps: how many numbers of the
format lie between a result and the right one. A KERNEL is one of

module:name or file.py:name, such as torch.nn.functional:silu: a function of arrays of NumPy, torch, JAX or TensorFlow.
It is imported and called: this runs its code.

./library.so:name, a C function void name(const T *x, T *y, size_t n).

--command 'PROGRAM ARGUMENTS', which reads raw numbers and writes as many.

FILE -c X,Y or x.npy y.npy or dump.safetensors or dump.npz: numbers already computed.

--budget holds each class of inputs to the limits of a TOML file, which --emit-budget writes. Exit status: 0 within the
limits, or none set; 1 over a limit; 2 invalid usage, or the kernel failed.

Example: actcli check tanh numpy:tanh --max-steps 4

Example: actcli check tanh numpy:tanh --dtype float16 --lengths

Example: actcli check relu FILE.csv --columns layer1_a,layer1_b
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return functions.command(
        "check",
        check,
        _HELP,
        check_options.declare(),
        *_SHARED,
        metavar="FUNCTION KERNEL",
        words="Name of a function, then the kernel that is meant to compute it.",
    )


def check(words: Sequence[str], parameters: Mapping[str, object], **option_values: object) -> int:
    """Run the command."""
    own = CheckOptions.take(option_values)
    options = accept_options(**option_values)
    kind = check_options.choose_format(options.format, options.output, FORMATS)
    activation, kernel = _parse_words(words, parameters, options, own.command)
    format = dtypes.FORMATS[options.dtype]
    from actcli.referee import kernels
    from actcli.referee.budget import read_budgets
    from actcli.referee.check import Check, Plan, refuse_inputs
    from actcli.referee.kernel import Recorded
    from actcli.referee.truth import Truth

    out_format = own.result_format(format)
    truth = Truth(activation, format, out_format, derivative=options.derivative, saturate=options.saturate)
    limit, leniency = own.limit, own.leniency()
    if own.lengths and not truth.is_elementwise:
        raise ActcliError(f"--lengths is for functions of one number; {activation.name} works on rows")
    if own.budget is not None:
        read_budgets(own.budget)  # a mistake in it is said before the work
    if own.emit_budget is not None and Path(own.emit_budget).exists():
        read_budgets(own.emit_budget)
    place = outputs.resolve_output(options.output)
    with kernels.open_kernel(kernel, own.kernel_options(truth)) as opened:
        chosen = None
        if not isinstance(opened, Recorded):
            chosen = choose_inputs(own.inputs_, own.first_seed, truth, options)
        else:
            refuse_inputs(bool(own.inputs_), own.lengths)
        plan = Plan(truth, chosen, leniency, 1 if limit is None else limit, own.worst_kept, own.lengths, own.device)
        checking = Check(opened, plan)
        failure = _run(checking)
    report = checking.report().held_to(max_steps=limit, budget_file=own.budget)
    if failure is not None and not report.tried and kind != "junit":  # a suite without a case has an error
        raise failure
    _write(report, kind, place)
    if failure is not None:
        raise failure
    if report.stopped:
        sys.stdout.flush()
        signals.end_by_interrupt()
    if own.emit_budget is not None:
        _emit(report, own.emit_budget)
    return _say_broken(report)


def _parse_words(
    words: Sequence[str], parameters: Mapping[str, object], options: Options, command: str | None
) -> tuple[Activation, str]:
    """Return the function and the word for the kernel, which is empty for a command."""
    names, rest = functions.split_args("check", words[:1])
    rest = list(words[1:])
    if not rest and command is None:
        raise ActcliError(f"check needs a kernel: actcli check {names[0]} MODULE:NAME (see actcli check --help)")
    if rest and command is not None:
        raise ActcliError(f"check takes one kernel, got {rest[0]} and --command {command!r}")
    if len(rest) > 1 and not (len(rest) == 2 and all(word.endswith(".npy") for word in rest)):
        raise ActcliError(f"check takes one kernel, or two .npy files, got {' '.join(rest)}")
    (activation,) = functions.prepare_all(names, parameters, options.dtype, options.dialect)
    return activation, " ".join(rest)


def _run(checking: "Check") -> ActcliError | None:
    """Run a check to its end; return the kernel's failure, if it fails, and note why it ended early."""
    from actcli.cli.progress import show_count
    from actcli.referee.kernel import KernelError

    try:
        with signals.interruptible(), show_count("inputs") as on_progress:
            checking.run(on_progress)
    except KernelError as error:
        checking.stopped = f"the kernel failed: {error.problem}"
        return error
    except KeyboardInterrupt:
        checking.stopped = "interrupted"
    return None


def _write(report: "Report", kind: str, place: Output) -> None:
    from actcli.cli.views import check_data, check_text

    with outputs.open_output(place) as out:
        if kind == "table":
            check_text.write(out, report)
        else:
            check_data.write(out, kind, report)


def _emit(report: "Report", path: str) -> None:
    """Write the report's line into a budget file, whose other lines stay."""
    from actcli.referee.budget import COUNTED, read_budgets, write_budget

    text = ""
    if Path(path).exists():
        read_budgets(path)
        text = Path(path).read_text(encoding="utf-8")
    origin = f"{report.kernel}, {report.inputs}"
    if any(found.mismatches for name, found in report.measured.items() if name not in COUNTED):
        messages.say(f"{report.key} has NaN where a number is due, or numbers where NaN is; no budget allows that")
    with outputs.open_output(outputs.resolve_output(path)) as out:
        out.write(write_budget(text, report.key, report.measured, origin))


def _say_broken(report: "Report") -> int:
    """Return the exit status, after a line on standard error for each limit that is exceeded."""
    for verdict in report.verdicts:
        if not verdict.kept:
            messages.say(f"{verdict.name}: {verdict.note}")
    return 0 if report.is_kept else 1
