"""Which files a word names, and where their results go: links, patterns, odd names and lists."""

import os

import pytest

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.find import find_files
from actcli.pipeline.many_files.plan import make_plan, read_names
from actcli.storage import search
from tests.command import actcli, complaint
from tests.test_many_files import said, tree


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with a tree of files in it."""
    for name in ("acts/a/1.csv", "acts/a/b/2.csv", "acts/z/3.csv", "acts/.h/4.csv", "acts/a/.5.csv", "far/off/6.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*words, output="out", root=None):
    """Return the targets of the files that words name."""
    steps = make_plan([find_files(word, bool, output) for word in words], output, root)
    return {os.path.relpath(step.target, output) for step in steps}


@pytest.mark.parametrize(
    ("words", "targets"),
    [
        (["acts"], {"a/1.csv", "a/b/2.csv", "z/3.csv"}),
        (["acts/"], {"a/1.csv", "a/b/2.csv", "z/3.csv"}),
        (["acts/**"], {"a/1.csv", "a/b/2.csv", "z/3.csv"}),
        (["acts/**/*.csv"], {"a/1.csv", "a/b/2.csv", "z/3.csv"}),
        (["./acts/**/[12].csv"], {"a/1.csv", "a/b/2.csv"}),
        (["acts/**/b/**/*.csv"], {"a/b/2.csv"}),
        (["acts/*/?.csv"], {"a/1.csv", "z/3.csv"}),
        (["act*/**/*.csv"], {"acts/a/1.csv", "acts/a/b/2.csv", "acts/z/3.csv"}),
        (["**/b/*.csv", "far/*/*"], {"acts/a/b/2.csv", "far/off/6.csv"}),
        (["acts/.h/*"], {"4.csv"}),
        (["acts/a/.5.csv", "acts/z/3.csv"], {"a/.5.csv", "z/3.csv"}),
        (["acts/a", "acts/a/../z/*.csv"], {"a/1.csv", "a/b/2.csv", "z/3.csv"}),
    ],
)
def test_words_name_files_and_keep_their_places(folder, words, targets):
    """Below what they share; hidden files are named or left out."""
    assert found(*words) == targets


def test_links_to_folders_are_followed_once(folder):
    """In circles, of which there may be several, to what is seen anyway, and to other places."""
    for link, target in {
        "a/up": "..",
        "a/b/top": "../..",
        "a/same": "../z",
        "far": "../far",
        "x.csv": "a/1.csv",
    }.items():
        (folder / "acts" / link).symlink_to(target)
    places = {"a/1.csv", "a/b/2.csv", "z/3.csv", "far/off/6.csv", "x.csv"}
    assert found("acts") == found("acts/**") == places
    (folder / "link").symlink_to("acts")
    assert found("link", "acts") == found("link/") == places


def test_a_folder_is_a_name_even_where_it_looks_like_a_pattern(folder):
    """And so is a file."""
    (folder / "acts[1]").mkdir()
    (folder / "acts[1]" / "*.csv").write_text("x\n1\n")
    (folder / "acts[1]" / "b.csv").write_text("x\n1\n")
    assert found("acts[1]") == found("acts[1]/**/*.csv") == {"*.csv", "b.csv"}
    assert not search.is_pattern("acts[1]/*.csv")
    assert found("acts[1]/*.csv") == {"*.csv"}
    assert found("acts[1]/[b].csv") == {"b.csv"}


def test_a_folder_that_cannot_be_read_is_one_line(folder, monkeypatch):
    """What lies in it would be missed in silence."""
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("z"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageError, match="cannot read the folder acts/z: Permission denied"):
        find_files("acts", bool, None)


def test_each_folder_is_looked_up_once(folder, monkeypatch):
    """So that a plan of very many files takes the time of listing them."""
    names = [f"acts/a/{i}.csv" for i in range(500)]
    for name in names:
        (folder / name).write_text("")
    calls = []
    realpath = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: calls.append(path) or realpath(path))
    for words in (names, ["acts"], ["acts/**/*.csv"]):
        calls.clear()
        assert len(found(*words)) >= 500
        assert len(calls) < 20


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\n\r\nb\r\n", ["a", "b"]),
        (b"\n \na\n\nb", ["a", "b"]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b" a\n\xff\n", [" a", "\udcff"]),
        (b"a\nb\r\0c\0", ["a\nb\r", "c"]),
        (b"\0", []),
        (b"", []),
    ],
)
def test_a_list_has_the_line_ends_of_any_system(data, names):
    """Blank lines name nothing."""
    assert read_names(data) == names


def test_odd_names_are_kept(tmp_path):
    """Bytes that are no UTF-8, blanks, quotes, marks of patterns, long ones; and hundreds of folders."""
    odd = [b"n\xe9.csv", b" a.csv", b"-5.csv", b"[a]*?.csv", b"q\"'\\.csv", b"A.CSV", b"l" * 251 + b".csv"]
    odd.append(b"d/" * 400 + b"x.csv")
    for name in odd:
        path = os.path.join(os.fsencode(tmp_path), b"acts", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("x\n1\n")
    said(actcli("relu", "acts", "--output-dir", "out", cwd=tmp_path))
    assert {os.fsencode(name) for name in tree(tmp_path / "out")} == set(odd)
    (line,) = said(actcli("relu", "acts", "--output-dir", "out", "--resume", cwd=tmp_path))
    assert line.startswith("actcli: 0 files, ")
    assert complaint("relu", "acts", "--output-dir", "d/" * 500 + "o", cwd=tmp_path).startswith("results would lie in")


def test_the_output_folder_may_hold_the_inputs(folder):
    """The current one too, whose record lies beside it; but results never replace inputs, and a root has no beside."""
    (folder / "acts/here").mkdir()
    for _ in range(2):
        said(actcli("relu", "../a", "--output-dir", ".", "--resume", cwd=folder / "acts" / "here"))
        assert set(tree(folder / "acts" / "here")) == {"1.csv", "b/2.csv"}
    assert (folder / "acts" / "here.manifest.jsonl").exists()
    said(actcli("relu", "acts/z", "--output-dir", ".", cwd=folder))
    assert (folder / "3.csv").exists()
    assert (folder.parent / f"{folder.name}.manifest.jsonl").exists()
    for output in ("/", ""):
        message = f"--output-dir must be a folder with a name, got {output!r}"
        assert complaint("relu", "acts", "--output-dir", output, cwd=folder) == message
    with pytest.raises(ActcliError, match="would replace it"):
        found("acts", output="acts")


def test_options_that_suit_none_of_the_files_are_refused_at_once(folder):
    """Rather than once for each file; what suits some of them is done."""
    words = ["relu", "acts", "--output-dir", "out"]
    assert (
        complaint(*words, "--digits", "3", cwd=folder) == "--digits is for tables; files keep all digits: leave it out"
    )
    assert complaint(*words, "--tensor", "x", cwd=folder).startswith("--tensor is for npz and safetensors, not csv")
    assert complaint(*words, "--as", "y", "--to", "npy", cwd=folder).startswith("--as needs a format with column names")
    assert not (folder / "out.manifest.jsonl").exists()
    (folder / "acts" / "t.jsonl").write_text('{"x": 1}\n')
    run = actcli(*words, "--no-header", cwd=folder)
    assert run.returncode == 2
    assert "acts/t.jsonl: --no-header is for delimited text, not jsonl" in run.stderr
