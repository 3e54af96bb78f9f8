"""Many files given to ``compare`` and ``diagnose``."""

import numpy as np
import pytest

from tests.command import actcli, complaint, output


@pytest.fixture
def folder(tmp_path):
    """Return a folder with two layers of two files each, one of them of another format."""
    for name, text in {
        "acts/layer=1/a.csv": "n1,n2\n1,2\n-3,4\n",
        "acts/layer=1/b.csv": "n1,n2\n-5,6\n",
        "acts/layer=2/a.csv": "n1,n2\n7,-8\n",
        "acts/layer=2/b.tsv": "n1\tn2\n9\t1\n-2\t3\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize("words", [["relu", "gelu"], ["gelu", "--dialects", "torch,jax"], ["relu", "--only"]])
def test_compare_writes_for_each_file_what_a_run_of_its_own_gives(folder, words):
    """With the same functions, dialects and options."""
    run = actcli("compare", *words, "acts", "--output-dir", "out", cwd=folder)
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.startswith("actcli: 4 files, 6 rows in ")
    for name in ("layer=1/a.csv", "layer=2/b.tsv"):
        assert (folder / "out" / name).read_text() == output("compare", *words, f"acts/{name}", cwd=folder)


@pytest.mark.parametrize(
    ("first", "changed"),
    [
        ("compare elu relu", "compare elu gelu"),
        ("compare elu relu", "compare elu"),
        ("compare elu relu", "compare relu elu"),
        ("compare elu relu", "compare elu relu --alpha 2"),
        ("compare elu relu", "compare elu relu --dialects torch,jax"),
        ("compare elu relu", "compare elu relu --derivative"),
        ("compare elu", "elu --no-tutorial-column"),
    ],
)
def test_compare_does_again_whatever_depends_on_another_call(folder, first, changed):
    """The record knows all functions, their order, parameters and dialects; without a change nothing is done."""
    for words, skipped in ((first, 0), (first, 4), (changed, 0)):
        run = actcli(*words.split(), "acts", "--output-dir", "out", "--resume", cwd=folder)
        assert run.returncode == 0
        assert run.stderr.startswith(f"actcli: {4 - skipped} files, ")


def test_compare_asks_for_a_folder_where_several_files_are_named(folder):
    """And takes a glob for a file, not for a function."""
    message = "several files need a folder for their results: --output-dir DIR"
    assert complaint("compare", "relu", "act*", cwd=folder) == f"act*: {message}"
    assert complaint("compare", "relu", "acts", cwd=folder) == f"acts: {message}"


LAYER = np.random.default_rng(7).normal(-1, 1, (900, 4)).astype(np.float32)
NEXT = np.maximum(LAYER, 0) @ np.float32([[1, 0, 2], [0, 1, 1], [1, 1, 0], [-1, 0, 1]])


def write_shards(folder, name, rows, cuts, ending=".npy"):
    """Write the rows of a layer to one file, and cut after some of them to several in a folder."""
    (folder / name).mkdir()
    parts = {folder / f"whole_{name}{ending}": rows}
    parts |= {folder / name / f"{i}{ending}": part for i, part in enumerate(np.split(rows, cuts))}
    for path, part in parts.items():
        if ending == ".npy":
            np.save(path, part)
        else:
            names = ",".join(f"layer{i // 2}_{i}" for i in range(part.shape[1]))
            np.savetxt(path, part, "%.9g", ",", header=names, comments="")


@pytest.mark.parametrize("words", [["one"], ["one/*"], ["--files-from", "list"]])
def test_diagnose_adds_up_over_the_files_of_a_layer(tmp_path, words):
    """To the last digit what one file with all rows gives: a folder, a glob and a list of names are one layer."""
    write_shards(tmp_path, "one", LAYER, [1, 300, 300, 877])
    (tmp_path / "list").write_text("".join(f"one/{i}.npy\n" for i in range(5)))
    expected = output("diagnose", "relu", "whole_one.npy", "-f", "csv", cwd=tmp_path)
    found = output("diagnose", "relu", *words, "-f", "csv", cwd=tmp_path)
    assert without_name(found) == without_name(expected)
    assert ",900," in found


def without_name(table):
    """Return the rows of a report without the name of the layer."""
    return [line.split(",", 1)[1] for line in table.splitlines()]


def test_diagnose_takes_a_folder_or_a_glob_for_each_layer(tmp_path):
    """The rows of each layer add up, wherever its files end."""
    write_shards(tmp_path, "one", LAYER, [10, 500])
    write_shards(tmp_path, "two", NEXT, [333])
    expected = output("diagnose", "relu", "whole_one.npy", "whole_two.npy", "-f", "csv", cwd=tmp_path)
    for words in (["one", "two"], ["one/*.npy", "two"], ["one/", "whole_two.npy"]):
        found = output("diagnose", "relu", *words, "-f", "csv", cwd=tmp_path)
        assert without_name(found) == without_name(expected)
    assert "plain chain" in output("diagnose", "relu", "one", "two", cwd=tmp_path)
    (tmp_path / "two" / "0.npy").unlink()
    message = complaint("diagnose", "relu", "one", "two", cwd=tmp_path)
    assert message.startswith("two has 567 rows, and one has 900: consecutive layers need the same rows")


def test_layer_of_groups_columns_over_files(tmp_path):
    """As in one file."""
    write_shards(tmp_path, "one", LAYER, [100, 200], ".csv")
    words = ["diagnose", "relu", "--layer-of", "layer(.)_", "-f", "csv"]
    assert output(*words, "one/*", cwd=tmp_path) == output(*words, "whole_one.csv", cwd=tmp_path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,c", "no column 'b', and one/0.csv has"),
        ("a,b,c", "a column 'c', and one/0.csv has none"),
        ("b,a", "its columns in another order than one/0.csv"),
    ],
)
def test_the_files_of_a_layer_need_the_same_columns(tmp_path, header, message):
    """One line names the file and the difference."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "0.csv").write_text("a,b\n1,2\n")
    (tmp_path / "one" / "1.csv").write_text(f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    found = complaint("diagnose", "relu", "one", cwd=tmp_path)
    assert found == f"one/1.csv has {message}; the files of one layer need the same columns"


def test_a_list_for_diagnose_is_the_only_layer(folder):
    """What is named beside it would have no place."""
    (folder / "list").write_text("acts/layer=1/a.csv\n")
    message = complaint("diagnose", "relu", "acts/layer=1", "--files-from", "list", cwd=folder)
    assert message == "--files-from names the files of one layer; leave out acts/layer=1, or add it to the list"
    assert complaint("diagnose", "relu", "acts/n*", cwd=folder) == "no file matches 'acts/n*'"
