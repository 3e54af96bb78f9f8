"""``actcli tutorial``: the Keras tutorial taught in the terminal or as a web page, or only its examples compared."""

import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from actcli.cli import outputs
from actcli.cli.command import Command, make_command, option
from actcli.cli.options import accept_options
from actcli.cli.tutorial import blocks, examples, lessons
from actcli.cli.views import styles
from actcli.errors import ActcliError, require_choice

_HELP = f"""Learn what activation functions are, with numbers you can repeat.

Follows "{examples.TITLE}", and compares every output that it prints, bit for bit.

On a terminal it waits for a key before each section. Exit status 1 if a bit differs.
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command(
        "tutorial",
        tutorial,
        "actcli tutorial",
        "actcli tutorial relu",
        "actcli tutorial --check",
        help=_HELP,
    )


def tutorial(
    section: str = typer.Argument(
        "",
        metavar="[SECTION]",
        help=f"One section: {', '.join(lessons.LESSONS)} (default: all)",
        autocompletion=lambda: list(lessons.LESSONS),
    ),
    check: bool = typer.Option(False, "--check", help="Print only the tutorial's examples and their marks."),
    output: str = option("FILE", "Write a web page to a file ending in .html, atomically.", "--output", "-o"),
) -> int:
    """Run the command."""
    if check:
        if section or output is not None:
            raise ActcliError(f"--check compares all examples; leave out {section or '--output'}")
        return examples.check()
    names = [require_choice("SECTION", section, lessons.LESSONS)] if section else [*lessons.LESSONS]
    if output is not None:
        return _write_page(names, output)
    return _walk(names)


def _write_page(names: Sequence[str], path: str) -> int:
    """Write a web page, and return the exit status."""
    options = accept_options(output=path)
    if options.output is not None and Path(path).suffix.lower() != ".html":
        raise ActcliError(f"--output writes a web page: its name must end in .html, got {path!r}; try guide.html")
    place = outputs.resolve_output(options.output)
    from actcli.cli.tutorial import web_page

    sections = list(lessons.sections(names, examples.Shell()))
    with outputs.open_output(place) as out:
        out.write(web_page.write(lessons.TITLE, lessons.PREFACE, sections))
    return _status(sections)


def _walk(names: Sequence[str]) -> int:
    """Print sections, on a terminal with a pause before each and wherever the screen is full; return the status."""
    shown: list[blocks.Section] = []
    interactive = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    used, before = 0, ""
    for name, lines in _parts(names, shown):
        if interactive and used and (name != before or used + len(lines) > shutil.get_terminal_size().lines - 2):
            if not _goes_on(name if name != before else f"more {name}"):
                return _status(shown)
            used = 0
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
        used, before = used + len(lines), name
    return _status(shown)


def _parts(names: Sequence[str], shown: list[blocks.Section]) -> Iterator[tuple[str, list[str]]]:
    """Yield what is printed, part by part, each with the name of its section; add the sections to those shown."""
    from actcli.cli.tutorial import terminal

    page = terminal.Page(styles.console())
    if len(names) > 1:
        titles = [(f"`actcli tutorial {name}`", lessons.LESSONS[name][0]) for name in names]
        opening = [line for block in (*lessons.PREFACE, blocks.Terms(titles)) for line in page.lines(block)]
        yield "", [*page.title(lessons.TITLE), *opening]
    for section in lessons.sections(names, examples.Shell.of_standard_output()):
        shown.append(section)
        above = [*[""] * (len(names) > 1), *page.title(section.title)]
        for block in section.blocks:
            above += page.lines(block)
            if not isinstance(block, blocks.Heading | blocks.Code):  # these stay with what they introduce
                yield section.name, above
                above = []
    if len(names) > 1:
        yield names[-1], ["", blocks.summary(blocks.marks(shown))]


def _goes_on(what: str) -> bool:
    """Wait for a key, and return whether it goes on."""
    prompt = f"-- {what}: any key, q quits --"
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        key = typer.getchar()
    except EOFError:
        key = "q"
    except KeyboardInterrupt:  # the terminal gave the key, not the signal, which ends the other commands
        signal.raise_signal(signal.SIGINT)
        key = "q"
    sys.stdout.write(f"\r{' ' * len(prompt)}\r")
    return key not in {"q", "Q", "\x1b"}


def _status(sections: Sequence[blocks.Section]) -> int:
    return 0 if all(mark.holds for mark in blocks.marks(sections)) else 1
