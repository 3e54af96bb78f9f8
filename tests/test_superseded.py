"""Results of an earlier run in another format or place are not left beside the new ones."""

import json

import pytest

from tests.command import actcli


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a run's inputs, results and record."""
    (tmp_path / "acts" / "layer=1").mkdir(parents=True)
    for name in ("layer=1/a.csv", "b.csv"):
        (tmp_path / "acts" / name).write_text("x\n1\n-2\n")
    run(tmp_path)
    return tmp_path


def run(folder, *words, output="out", status=0):
    """Run, or resume, and return what is said before the last line."""
    run = actcli("relu", "acts", "--output-dir", output, "--resume", *words, cwd=folder)
    assert (run.returncode, run.stdout) == (status, ""), run.stderr
    return [line.removeprefix("actcli: ") for line in run.stderr.splitlines()[:-1]]


def names(folder):
    """Return the names of the files in the output folder."""
    return sorted(str(path.relative_to(folder / "out")) for path in (folder / "out").rglob("*") if path.is_file())


def test_results_of_another_format_are_removed_once_the_new_ones_are_written(folder):
    """And so are those of another place; back and forth."""
    assert run(folder, "--to", "parquet") == []
    assert names(folder) == ["b.parquet", "layer=1/a.parquet"]
    assert run(folder, "--root", ".") == []
    assert names(folder) == ["acts/b.csv", "acts/layer=1/a.csv"]
    assert run(folder) == []
    assert names(folder) == ["b.csv", "layer=1/a.csv"]


@pytest.mark.parametrize("output", ["./out", "out/", "acts/../out", "{}/out"])
def test_another_spelling_of_the_output_folder_removes_nothing(folder, output):
    """The same file under another name is no earlier result."""
    before = {name: (folder / "out" / name).read_bytes() for name in names(folder)}
    assert run(folder, output=output.format(folder)) == []
    assert {name: (folder / "out" / name).read_bytes() for name in names(folder)} == before


def test_results_that_were_changed_are_left_and_named(folder):
    """By size or by hash; others are removed."""
    (folder / "out" / "b.csv").write_text("x,x_relu\n1,1.0\n-2,9.0\n")
    assert run(folder, "--to", "jsonl") == [
        "left out/b.csv, an earlier result of acts/b.csv: changed since it was written"
    ]
    assert names(folder) == ["b.csv", "b.jsonl", "layer=1/a.jsonl"]


def test_results_stay_until_the_new_ones_are_written(folder):
    """Those of a file that fails now, and those of a file that is gone."""
    (folder / "acts" / "b.csv").write_text("x\nabc\n1\n")
    run(folder, "--to", "jsonl", status=2)
    assert names(folder) == ["b.csv", "layer=1/a.jsonl"]
    (folder / "acts" / "b.csv").unlink()
    run(folder, "--to", "jsonl")
    assert names(folder) == ["b.csv", "layer=1/a.jsonl"]


def test_nothing_outside_of_the_output_folder_is_removed(folder):
    """Whatever a record says, nor anything that is an input now."""
    record = folder / "out.manifest.jsonl"
    entry = json.loads(record.read_text().splitlines()[0])
    (folder / "mine.csv").write_bytes((folder / entry["target"]).read_bytes())
    (folder / "out" / "mine.csv").write_bytes((folder / entry["target"]).read_bytes())
    with record.open("a") as file:
        for target in ("mine.csv", "out/../mine.csv", "out/mine.csv"):
            file.write(json.dumps(entry | {"target": target}) + "\n")
    (folder / "out" / "link.csv").symlink_to("mine.csv")
    run(folder, "out/link.csv", "--root", ".", "--as", "{column}_2")
    assert (folder / "mine.csv").exists()
    assert (folder / "out" / "mine.csv").exists()
