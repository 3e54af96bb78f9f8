"""Many files given to ``compare`` and ``diagnose``."""

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
    "changed",
    [
        ["compare", "elu", "gelu"],
        ["compare", "elu"],
        ["compare", "relu", "elu"],
        ["compare", "elu", "relu", "--alpha", "2"],
        ["compare", "elu", "relu", "--dialects", "torch,jax"],
        ["compare", "elu", "relu", "--derivative"],
        ["elu"],
    ],
)
def test_compare_does_again_whatever_depends_on_another_call(folder, changed):
    """The record knows all functions, their order, parameters and dialects; without a change nothing is done."""
    first = ["compare", "elu", "relu"]
    for words, skipped in ((first, 0), (first, 4), (changed, 0)):
        run = actcli(*words, "acts", "--output-dir", "out", "--resume", cwd=folder)
        assert run.returncode == 0
        assert run.stderr.startswith(f"actcli: {4 - skipped} files, ")


def test_compare_asks_for_a_folder_where_several_files_are_named(folder):
    """And takes a glob for a file, not for a function."""
    message = "several files need a folder for their results: --output-dir DIR"
    assert complaint("compare", "relu", "act*", cwd=folder) == f"act*: {message}"
    assert complaint("compare", "relu", "acts", cwd=folder) == f"acts: {message}"
