"""Many files in one run: their options, the plan, and what is said of each."""

import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from actcli import signals
from actcli.cli import args, conflicts, inputs, literals, messages
from actcli.cli.command import Declaration, flag, option
from actcli.cli.options import Options
from actcli.data.evaluated import Job
from actcli.errors import ActcliError, ArgumentError, require_choice
from actcli.formats import registry
from actcli.formats.file_format import WriteOptions
from actcli.pipeline.many_files import find, plan
from actcli.pipeline.many_files.plan import Step
from actcli.storage import paths, search, source, tree

if TYPE_CHECKING:
    from actcli.pipeline.many_files.loop import Failure, Runner, Summary
    from actcli.pipeline.many_files.record import Entry
    from actcli.pipeline.many_files.superseded import Superseded

_PANEL = "Many files"
_ON_FILE_ERROR = ("continue", "stop")
_SUCCESS = "_SUCCESS"
_MOST_JOBS = 1024


class ManyFiles(NamedTuple):
    """The options for many files."""

    output_dir: str | None = None
    files_from: str | None = None
    root: str | None = None
    resume: bool = False
    verify: bool = False
    on_file_error: str = "continue"
    success_file: bool = False
    jobs: str | None = None
    cluster: str | None = None

    @classmethod
    def take(cls, values: dict[str, Any]) -> Self:
        """Return these options, and leave the others among the values."""
        return cls(**{name: values.pop(name) for name in cls._fields if name in values})

    def are_meant(self, words: Sequence[str]) -> bool:
        """Tell whether words and options ask for many files, rather than for numbers or one file.

        Raises:
            ActcliError: for an option of many files where there are none, or several files and no folder for results.

        """
        files = _find_files(words)
        for word in filter(search.is_folder, files):
            registry.input_format(word)  # some formats are folders, and refused with what to do
        if self.output_dir is not None or self.files_from is not None:
            if self.output_dir is None:
                raise ActcliError("--files-from needs a folder for the results: --output-dir DIR")
            return True
        for name in ("root", "resume", "verify", "success_file", "jobs", "cluster"):
            if getattr(self, name):
                raise ArgumentError(name, "is for many files, whose results go to --output-dir DIR")
        if any(map(find.names_several, files)) or (len(files) > 1 and all(map(paths.exists, files))):
            raise ActcliError(f"{' '.join(files[:3])}: several files need a folder for their results: --output-dir DIR")
        return False


def _find_files(words: Sequence[str]) -> list[str]:
    """Return the words that may name files; none where the first is a number, or begins an array."""
    if not words or literals.looks_like_array(words[0].strip()) or args.split_numbers(words[0]) is not None:
        return []
    return [word for word in words if args.split_numbers(word) is None]


def declare_options() -> dict[str, Declaration]:
    """Return annotation and declaration of each option, in the order of help."""
    output = "Write the results of each file to its place below DIR; takes files, quoted globs and folders."
    listed = "Read the names of files from FILE, one a line or before each NUL; - is standard input."
    failure = f"A file that fails: {' or '.join(_ON_FILE_ERROR)} (default: continue with the others)"
    return {
        "output_dir": (str, option("DIR", output, panel=_PANEL)),
        "files_from": (str, option("FILE", listed, panel=_PANEL)),
        "root": (
            str,
            option("DIR", "Folder below which files keep their places (default: what they share)", panel=_PANEL),
        ),
        "resume": (bool, flag("--resume", "Do what is missing or has changed since an earlier run.", panel=_PANEL)),
        "verify": (bool, flag("--verify", "With --resume, also compare what was written by its hash.", panel=_PANEL)),
        "on_file_error": (
            str,
            option("|".join(_ON_FILE_ERROR), failure, completer=lambda: list(_ON_FILE_ERROR), panel=_PANEL),
        ),
        "jobs": (str, option("N", "Do N files at a time, in processes of their own.", panel=_PANEL)),
        "cluster": (str, option("ADDRESS", "Do files on a Dask cluster, such as tls://head:8786.", panel=_PANEL)),
        "success_file": (bool, flag("--success-file", "Write _SUCCESS into DIR once all is done.", panel=_PANEL)),
    }


def evaluate_files(
    many: ManyFiles,
    words: Sequence[str],
    options: Options,
    job: Job,
    evaluate: Callable[[Step], int],
) -> int:
    """Evaluate all files, and return the exit status: that of the worst file.

    Args:
        many: the options for many files.
        words: what was typed: files, patterns, folders.
        options: the others, of which the results depend on.
        job: what is done with each file.
        evaluate: evaluates one file, and returns how many rows it has.

    """
    from actcli.cli.progress import show_files
    from actcli.pipeline.many_files.loop import Loop, Task
    from actcli.pipeline.many_files.record import open_record
    from actcli.pipeline.many_files.superseded import Superseded

    assert many.output_dir is not None
    stop_on_error = require_choice("on_file_error", many.on_file_error, _ON_FILE_ERROR) == "stop"
    inputs.collect_garbage()
    runner = _choose_runner(many)
    steps = make_plan(many, words, options)
    started_at = time.monotonic()
    tree.make_folder(os.path.dirname(tree.beside(many.output_dir, "")))
    try:
        with (
            signals.interruptible(),
            open_record(many.output_dir, resume=many.resume) as record,
            show_files(len(steps)) as on_progress,
        ):
            signals.clean_up_at_end()
            tell = functools.partial(_tell, Superseded(record, steps, many.output_dir), verbose=options.verbose)
            loop = Loop(record, runner, tell, on_progress, stop_on_error=stop_on_error, verify=many.verify)
            summary = loop.run(Task(evaluate, _key_of(options, job)), steps)
    except KeyboardInterrupt:
        messages.say("stopped; what is done is recorded: give --resume for the rest")
        signals.end_by_interrupt()
    if many.success_file and not summary.failed:
        tree.make_folder(many.output_dir)
        tree.write_empty(os.path.join(many.output_dir, _SUCCESS))
    messages.say(_describe(summary, time.monotonic() - started_at, record.path))
    return summary.status


def _tell(superseded: "Superseded", step: Step, outcome: "Entry | Failure", *, verbose: bool) -> None:
    """Say what came of a file, and remove its earlier results."""
    from actcli.pipeline.many_files.loop import Failure

    if isinstance(outcome, Failure):
        text = outcome.message
        messages.say(text if step.source in text else f"{step.source}: {text}")
        return
    if verbose:
        messages.say(f"{step.source}: {_count(outcome.rows, 'row')} to {step.target}")
    for notice in superseded.remove(step):
        messages.say(notice)


def _describe(summary: "Summary", seconds: float, record: str) -> str:
    """Return what was done, in one line."""
    if summary.failed:
        left = summary.planned - summary.done - summary.skipped
        verb = "is" if left == 1 else "are"
        return f"{left:,} of {_count(summary.planned, 'file')} {verb} not done; mend what is wrong and give --resume"
    before = f", {summary.skipped:,} done before" if summary.skipped else ""
    done = f"{_count(summary.done, 'file')}, {_count(summary.rows, 'row')}"
    return f"{done} in {seconds:.1f} s{before}; record: {record}"


def _choose_runner(many: ManyFiles) -> "Runner":
    """Return what does the files: this process, others on this machine, or a cluster."""
    from actcli.pipeline.many_files.loop import Threads

    if many.jobs is not None and many.cluster is not None:
        raise ActcliError("--jobs starts processes here, and --cluster has its own: give one of them")
    if many.cluster is not None:
        from actcli.pipeline.many_files.workers import Cluster

        return Cluster(many.cluster)
    if many.jobs is not None:
        if not (many.jobs.isdecimal() and 1 <= int(many.jobs) <= _MOST_JOBS):
            raise ArgumentError("jobs", f"must be an integer from 1 to {_MOST_JOBS:,}, got {many.jobs!r}")
        from actcli.pipeline.many_files.workers import Jobs

        return Jobs(int(many.jobs))
    return Threads()


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def make_plan(many: ManyFiles, words: Sequence[str], options: Options) -> list[Step]:
    """Return what is to be done; raise ActcliError for options and words that make no sense together."""
    assert many.output_dir is not None
    if options.in_place or options.output is not None:
        flag = "--in-place" if options.in_place else "--output"
        raise ActcliError(f"{flag} is for one file; the results of many go to --output-dir {many.output_dir}")
    if options.linspace or options.all:
        conflicts.check_made_numbers(options, has_others=True)
    if many.verify and not many.resume:
        raise ActcliError("--verify needs --resume, whose files it reads again")
    tree.check_folder("output_dir", many.output_dir)
    names = [*words, *read_list(many.files_from)]
    if not names:
        raise ActcliError("--output-dir needs files: name some, a folder or a quoted glob, or give --files-from")
    found = find_files(names, options, many.output_dir)
    steps = plan.make_plan(found, many.output_dir, many.root, lambda path: _rename(path, options))
    _check_options(steps, options)
    return steps


def _check_options(steps: Sequence[Step], options: Options) -> None:
    """Raise ActcliError for options that suit none of the files, rather than once for each of them."""
    if options.digits is not None:
        raise ActcliError("--digits is for tables; files keep all digits: leave it out")
    problem: ActcliError | None = None
    for step in steps:
        try:
            conflicts.read_options(options, step.source)
            name = options.format or conflicts.format_like(step.source, options)
            if (make_writer := registry.FORMATS[name].make_writer) is not None:
                conflicts.check_format(options, name, make_writer(WriteOptions()))
        except ActcliError as error:
            problem = problem or error
        else:
            return
    if problem is not None:
        raise problem


def find_files(names: Sequence[str], options: Options, without: str | None = None) -> list[find.Found]:
    """Return the files that each name stands for, without those in the output folder."""
    is_read = registry.is_readable if options.source_format is None else bool
    return [find.find_files(name, is_read, without) for name in names]


def _rename(path: str, options: Options) -> str:
    return path if options.format is None else registry.change_ending(path, registry.check_format_name(options.format))


def read_list(path: str | None) -> list[str]:
    """Return the names of a list; none where there is no list."""
    if path is None:
        return []
    names = plan.read_names(b"".join(source.chunks(path)))
    if not names:
        raise ActcliError(f"--files-from {path} names no file")
    return names


def _key_of(options: Options, job: Job) -> str:
    """Return the word for everything that results depend on."""
    from actcli.pipeline.many_files.record import installed_versions, make_key

    functions = [
        [activation.name, activation.dialect, {name: str(getattr(activation, name)) for name in activation.parameters}]
        for activation in job.compared or [job.activation]
    ]
    compared = [len(job.compared), job.dialects]
    shown = options._replace(output=None, verbose=False)._asdict()
    return make_key({"functions": functions, "compared": compared, "options": shown, "versions": installed_versions()})
