"""Many files in one run: results in their places, nothing done twice, nothing half done."""

import json
import os
import signal
import subprocess
import time

import pytest

from actcli.errors import ActcliError, StorageError
from actcli.formats import registry
from actcli.pipeline.many_files.find import find_files
from actcli.pipeline.many_files.loop import Loop, Task
from actcli.pipeline.many_files.plan import Step, make_plan
from actcli.pipeline.many_files.record import hash_file, open_record
from tests.command import ACTCLI, ENVIRONMENT, actcli, complaint, output


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a tree of files, one of which is hidden and one of no format."""
    for name, text in {
        "acts/a/1.csv": "x,y\n1,2\n-3,4\n",
        "acts/layer=2/part 1.csv": "x\n-5\n",
        "acts/layer=2/p.tsv": "x\ty\n6\tz\n",
        "acts/notes.md": "# Notes\n",
        "acts/.hidden.csv": "x\n1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def tree(folder):
    """Return all files below a folder with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def said(run):
    """Return the lines on standard error of a run that succeeds and prints nothing."""
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    return run.stderr.splitlines()


def entries(folder, name="out"):
    """Return the lines of a record."""
    return [json.loads(line) for line in (folder / f"{name}.manifest.jsonl").read_text().splitlines()]


def test_a_folder_is_mirrored_and_each_file_is_what_a_run_of_its_own_gives(folder):
    """Folders keep their names; hidden files and those of no format are left out."""
    (line,) = said(actcli("relu", "acts", "--output-dir", "out", cwd=folder))
    assert line.startswith("actcli: 3 files, 4 rows in ")
    assert line.endswith("; record: out.manifest.jsonl")
    names = ["a/1.csv", "layer=2/p.tsv", "layer=2/part 1.csv"]
    assert tree(folder / "out") == {name: output("relu", f"acts/{name}", cwd=folder).encode() for name in names}


def test_the_record_has_a_line_for_each_file_and_one_at_the_end(folder):
    """With sizes, hashes and rows; beside the folder, which holds results alone."""
    actcli("relu", "acts", "--output-dir", "deep/er/out", cwd=folder)
    *lines, last = entries(folder, "deep/er/out")
    assert last == {"complete": True, "files": 3, "rows": 4}
    for line in lines:
        source, target = folder / line["source"], folder / line["target"]
        assert (line["source_size"], line["source_mtime_ns"]) == (source.stat().st_size, source.stat().st_mtime_ns)
        assert (line["target_size"], line["sha256"]) == (target.stat().st_size, hash_file(str(target)))
    assert [line["rows"] for line in lines] == [2, 1, 1]
    assert len({line["key"] for line in lines}) == 1


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["acts/**/*.csv"], {"a/1.csv", "layer=2/part 1.csv"}),
        (["acts/*/*.tsv"], {"layer=2/p.tsv"}),
        (["acts/a/1.csv", "acts/layer=2"], {"a/1.csv", "layer=2/p.tsv", "layer=2/part 1.csv"}),
        (["acts/a", "--root", "."], {"acts/a/1.csv"}),
        (["acts/a/1.csv", "acts/a", "acts/a/*"], {"1.csv"}),
        (["acts/a/1.csv", "--to", "parquet"], {"1.parquet"}),
    ],
)
def test_files_globs_and_folders_name_files(folder, words, names):
    """Each once; their places begin below what the words share, or the root."""
    said(actcli("relu", *words, "--output-dir", "out", cwd=folder))
    assert set(tree(folder / "out")) == names


def test_names_may_come_from_a_list_and_hold_line_ends(folder):
    """From a file or standard input, a name a line, or before each NUL."""
    odd = folder / "acts" / "new\nline.csv"
    odd.write_text("x\n1\n")
    (folder / "names").write_text("acts/a/1.csv\nacts/layer=2/p.tsv\n")
    said(actcli("relu", "--files-from", "names", "--output-dir", "one", cwd=folder))
    assert set(tree(folder / "one")) == {"a/1.csv", "layer=2/p.tsv"}
    said(actcli("relu", "--files-from", "-", "--output-dir", "two", stdin="acts/new\nline.csv\0", cwd=folder))
    assert tree(folder / "two") == {"new\nline.csv": b"x,x_relu\n1,1.0\n"}
    found = actcli(
        "relu", "--files-from", "-", "--output-dir", "two", "--resume", "-v", cwd=folder, stdin="acts/new\nline.csv\0"
    )
    assert len(said(found)) == 2


@pytest.mark.parametrize(
    ("source", "target"), [("a.csv", "a.jsonl"), ("a.csv.gz", "a.jsonl.gz"), ("a", "a.jsonl"), ("a.b.tsv", "a.b.jsonl")]
)
def test_another_format_has_another_ending(tmp_path, source, target):
    """Before that of a compression; a format's other endings stay."""
    assert registry.change_ending("a.pq", "parquet") == "a.pq"
    (tmp_path / source).write_text("x\n1\n")
    said(actcli("relu", source, "--from", "csv", "--to", "jsonl", "--output-dir", "out", cwd=tmp_path))
    assert set(tree(tmp_path / "out")) == {target}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("acts", "acts: several files need a folder for their results: --output-dir DIR"),
        ("acts/*/1.csv", "acts/*/1.csv: several files need a folder for their results: --output-dir DIR"),
        ("acts/a/1.csv acts/notes.md", "acts/a/1.csv acts/notes.md: several files need a folder for their results: "),
        ("--files-from x", "--files-from needs a folder for the results: --output-dir DIR"),
        ("acts/a/1.csv --resume", "--resume is for many files, whose results go to --output-dir DIR"),
        ("--output-dir out", "--output-dir needs files: name some, a folder or a quoted glob, or give --files-from"),
        ("acts/b* --output-dir out", "no file matches 'acts/b*'"),
        ("acts/b.csv --output-dir out", "there is no file 'acts/b.csv'"),
        ("1 2 --output-dir out", "there is no file '1'"),
        ("acts --output-dir acts/notes.md", "--output-dir must be a folder, and acts/notes.md is none"),
        ("acts --output-dir out -o x.csv", "--output is for one file; the results of many go to --output-dir out"),
        ("acts --output-dir out --in-place", "--in-place is for one file; the results of many go to --output-dir out"),
        ("acts --output-dir out --verify", "--verify needs --resume, whose files it reads again"),
        ("acts --output-dir out --root acts/a", "acts/layer=2/p.tsv is not below --root acts/a"),
        ("acts --output-dir out --to table", "table is not written to files of its own; choose one of csv, tsv, "),
        ("acts --output-dir out --on-file-error x", "--on-file-error must be one of continue, stop, got 'x'"),
        ("acts --output-dir acts", "acts/a/1.csv is an input, and the results of acts/a/1.csv would replace it"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(folder, words, message):
    """In one line with the reason."""
    before = tree(folder)
    assert complaint("relu", *words.split(), cwd=folder).startswith(message)
    assert tree(folder) == before


def test_two_files_never_become_one(folder):
    """Also where only the format makes them alike."""
    (folder / "acts/layer=2/p.csv").write_text("x\n1\n")
    message = complaint("relu", "acts", "--output-dir", "out", "--to", "parquet", cwd=folder)
    assert message == (
        "acts/layer=2/p.csv and acts/layer=2/p.tsv would both become out/layer=2/p.parquet; rename one, or give "
        "another --root"
    )


def test_results_are_never_inputs(folder):
    """Where the output folder lies in the one that is read."""
    said(actcli("relu", "acts", "--output-dir", "acts/out", cwd=folder))
    (line,) = said(actcli("relu", "acts", "--output-dir", "acts/out", "--resume", cwd=folder))
    assert line.startswith("actcli: 0 files, 0 rows in ")
    assert ", 3 done before; record: acts/out.manifest.jsonl" in line


def test_one_bad_file_is_named_and_the_others_go_on(folder):
    """The exit status is the worst; with it mended, --resume does the rest."""
    (folder / "acts/a/bad.csv").write_text("x\n1\nabc\n3\n")
    run = actcli("relu", "acts", "--output-dir", "out", cwd=folder)
    assert (run.returncode, run.stdout) == (2, "")
    first, last = run.stderr.splitlines()
    assert first.startswith("actcli: acts/a/bad.csv: row 3, column 'x': 'abc' is not a number")
    assert last == "actcli: 1 of 4 files is not done; mend what is wrong and give --resume"
    assert set(tree(folder / "out")) == {"a/1.csv", "layer=2/p.tsv", "layer=2/part 1.csv"}
    (folder / "acts/a/bad.csv").write_text("x\n1\n2\n3\n")
    (line,) = said(actcli("relu", "acts", "--output-dir", "out", "--resume", cwd=folder))
    assert line.startswith("actcli: 1 file, 3 rows in ")
    assert ", 3 done before; " in line


def test_the_first_failure_may_end_the_run(folder):
    """And what follows it is not done."""
    (folder / "acts/a/0.csv").write_text("x\nabc\n1\n")
    run = actcli("relu", "acts", "--output-dir", "out", "--on-file-error", "stop", cwd=folder)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == "actcli: 4 of 4 files are not done; mend what is wrong and give --resume"
    assert not (folder / "out/a/1.csv").exists()


def test_an_earlier_run_is_never_continued_unasked(folder):
    """Nor one that is going on."""
    said(actcli("relu", "acts", "--output-dir", "out", cwd=folder))
    message = complaint("relu", "acts", "--output-dir", "out", cwd=folder)
    assert message.startswith("out.manifest.jsonl tells of an earlier run; give --resume")
    with open_record(str(folder / "out"), resume=True):
        message = complaint("relu", "acts", "--output-dir", "out", "--resume", cwd=folder)
    assert message == "another run is writing to out; wait until it has ended"


@pytest.mark.parametrize(
    ("change", "words", "again"),
    [
        (lambda folder: None, [], 0),
        (lambda folder: os.utime(folder / "acts/a/1.csv", (1, 1)), [], 1),
        (lambda folder: (folder / "acts/a/1.csv").write_text("x\n1\n"), [], 1),
        (lambda folder: (folder / "out/a/1.csv").unlink(), [], 1),
        (lambda folder: (folder / "out/a/1.csv").write_text("torn"), [], 1),
        (lambda folder: flip(folder / "out/a/1.csv"), [], 0),
        (lambda folder: flip(folder / "out/a/1.csv"), ["--verify"], 1),
        (lambda folder: None, ["--threshold", "1"], 3),
        (lambda folder: None, ["--dtype", "float64"], 3),
        (lambda folder: None, ["--only"], 3),
    ],
)
def test_only_what_is_missing_or_has_changed_is_done_again(folder, change, words, again):
    """By size and time of the source, size of the results, or their hash; or all, with other options."""
    said(actcli("relu", "acts", "--output-dir", "out", cwd=folder))
    change(folder)
    line = said(actcli("relu", "acts", "--output-dir", "out", "--resume", *words, cwd=folder))[-1]
    assert line.startswith(f"actcli: {again} file{'s' * (again != 1)}, ")
    rest = [word for word in words if word != "--verify"]
    expected = output("relu", "acts/a/1.csv", *rest, cwd=folder).encode()
    if again or "--verify" in words:
        assert (folder / "out/a/1.csv").read_bytes() == expected


def flip(path):
    """Change a file, but not its size."""
    path.write_bytes(path.read_bytes()[::-1])


def copy(step):
    """Stand for an evaluation: copy a file, and count its lines."""
    with open(step.source, "rb") as source, open(step.target, "wb") as target:
        data = source.read()
        target.write(data)
    return data.count(b"\n")


def test_a_record_that_was_cut_anywhere_is_continued(tmp_path):
    """After each byte: what is recorded in full is not done again, all else is, and every line is whole then."""
    steps = [Step(str(tmp_path / f"{i}.in"), str(tmp_path / f"{i}.out")) for i in range(3)]
    for i, step in enumerate(steps):
        tmp_path.joinpath(f"{i}.in").write_text("line\n" * i)
        assert step.source.endswith(f"{i}.in")
    with open_record(str(tmp_path / "out"), resume=False) as record:
        Loop(record).run(Task(copy, "key"), steps)
    path = tmp_path / "out.manifest.jsonl"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        done = []
        with open_record(str(tmp_path / "out"), resume=True) as record:
            task = Task(lambda step, done=done: done.append(step) or copy(step), "key")
            summary = Loop(record).run(task, steps)
        lines = whole[:length].count(b"\n")
        assert (len(done), summary.skipped) == (3 - min(lines, 3), min(lines, 3))
        assert json.loads(path.read_bytes().splitlines()[-1]) == {"complete": True, "files": 3, "rows": 3}
        assert all(json.loads(line) for line in path.read_bytes().splitlines())


def test_a_file_is_recorded_as_soon_as_it_is_done_and_the_worst_failure_counts(tmp_path):
    """So that a run that is killed has nothing to do twice; a failure of storage is worse than one of data."""
    steps = [Step(str(tmp_path / f"{i}"), str(tmp_path / f"{i}.out")) for i in range(4)]
    for step in steps:
        with open(step.source, "w") as file:
            file.write("1\n")
    failures = {steps[1]: StorageError("full"), steps[2]: ActcliError("wrong")}
    lines = []

    def fail(step):
        if step in failures:
            raise failures[step]
        return copy(step)

    with open_record(str(tmp_path / "out"), resume=False) as record:
        path = tmp_path / "out.manifest.jsonl"
        loop = Loop(record, on_progress=lambda summary: lines.append(path.read_text().count("\n")))
        summary = loop.run(Task(fail, "key"), steps)
    assert (summary.status, summary.done, summary.failed) == (3, 2, 2)
    assert lines == [1, 1, 1, 2]


def test_a_file_that_changes_while_it_is_read_is_not_recorded(tmp_path):
    """It is said, and done again."""
    (tmp_path / "a").write_text("1\n")
    step = Step(str(tmp_path / "a"), str(tmp_path / "b"))

    def change(step):
        (tmp_path / "a").write_text("1\n2\n")
        return copy(step)

    problems = []
    with open_record(str(tmp_path / "out"), resume=False) as record:
        loop = Loop(record, on_outcome=lambda step, outcome: problems.append(outcome.message))
        summary = loop.run(Task(change, "key"), [step])
        assert (summary.failed, summary.status, record.entries) == (1, 3, {})
    assert problems[0].endswith("was changed while it was read; give --resume to do it again")


def test_a_missing_or_locked_place_is_one_line(tmp_path):
    """With the status of storage."""
    with pytest.raises(StorageError), open_record(str(tmp_path / "no" / "out"), resume=False):
        pass
    problems = []
    with open_record(str(tmp_path / "out"), resume=False) as record:
        step = Step(str(tmp_path / "gone"), str(tmp_path / "x"))
        Loop(record, on_outcome=lambda step, outcome: problems.append(outcome.status)).run(Task(copy, "key"), [step])
    assert problems == [StorageError.status]


def test_a_run_that_is_killed_leaves_whole_files_and_is_continued(tmp_path):
    """At any moment: no torn file, and after --resume the bytes of a run that nobody killed, without leftovers."""
    acts = tmp_path / "acts"
    acts.mkdir()
    for i in range(30):
        (acts / f"{i}.csv").write_text("x\n" + "".join(f"{k - 500}.25\n" for k in range(1000 + i)))
    said(actcli("gelu", "acts", "--output-dir", "plain", cwd=tmp_path))
    words = [ACTCLI, "gelu", "acts", "--output-dir", "out", "--resume"]
    for delay in (0.3, 0.5, 0.7, 0.9):
        process = subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (tmp_path / "out").exists():
            results = {name: data for name, data in tree(tmp_path / "out").items() if not name.startswith(".")}
            assert results.items() <= tree(tmp_path / "plain").items()
    said(actcli(*words[1:], cwd=tmp_path))
    assert tree(tmp_path / "out") == tree(tmp_path / "plain")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_control_c_ends_it_at_once_leaves_nothing_and_says_how_to_go_on(tmp_path, number):
    """Whatever files were under way; so does SIGTERM, quietly."""
    acts = tmp_path / "acts"
    acts.mkdir()
    for i in range(30):
        (acts / f"{i}.csv").write_text("x\n" + "0.25\n" * 60_000)
    words = [ACTCLI, "gelu", "acts", "--output-dir", "out"]
    process = subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "out.manifest.jsonl").exists() or len(entries(tmp_path)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    _, text = process.communicate(timeout=30)
    said_last = "actcli: stopped; what is done is recorded: give --resume for the rest\n"
    assert (process.returncode, text) == (-number, said_last if number == signal.SIGINT else "")
    assert [name for name in tree(tmp_path / "out") if name.startswith(".")] == []
    assert len(tree(tmp_path / "out")) < 30
    (line,) = said(actcli(*words[1:], "--resume", cwd=tmp_path))
    assert " done before" in line
    assert len(tree(tmp_path / "out")) == 30


def test_success_may_be_marked_for_other_programs(folder):
    """Only once all is done."""
    (folder / "acts/a/bad.csv").write_text("x\nabc\n1\n")
    actcli("relu", "acts", "--output-dir", "out", "--success-file", cwd=folder)
    assert not (folder / "out/_SUCCESS").exists()
    (folder / "acts/a/bad.csv").unlink()
    said(actcli("relu", "acts", "--output-dir", "out", "--success-file", "--resume", cwd=folder))
    assert (folder / "out/_SUCCESS").read_bytes() == b""


def test_each_file_can_be_named_as_it_is_done(folder):
    """With its rows and its place."""
    lines = said(actcli("relu", "acts", "--output-dir", "out", "--verbose", cwd=folder))
    assert lines[0] == "actcli: acts/a/1.csv: 2 rows to out/a/1.csv"
    assert len(lines) == 4


def test_plans_are_made_of_real_places(tmp_path):
    """A link to a folder is the folder; two names of one file are one step."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_text("1\n")
    (tmp_path / "b").symlink_to("a")
    found = [find_files(str(tmp_path / name), bool, "out") for name in ("a", "b")]
    assert [step.target for step in make_plan(found, "out", None)] == ["out/x.csv"]
    with pytest.raises(ActcliError, match="holds no file"):
        find_files(str(tmp_path), lambda path: False, "out")
