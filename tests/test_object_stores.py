"""Objects in stores are read and written as files are: whole or not at all, and with one line where that fails."""

import glob
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from actcli.errors import StorageError
from actcli.formats import registry
from actcli.storage import objects, obstore_extra, search, shared_file
from actcli.storage.output import Output
from tests.command import ACTCLI, actcli, complaint, output
from tests.object_store import ObjectStore, answering, environment
from tests.test_many_files import said

ENDINGS = [
    *(format.endings[0] for format in registry.FORMATS.values() if format.open_reader),
    *(".csv.gz", ".csv.zst", ".jsonl.zst"),
]
DEADLINE_SECONDS = 60


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """Return an array that makes some 60 MB of CSV: an upload of several parts."""
    path = tmp_path_factory.mktemp("numbers") / "x.npy"
    np.save(path, np.linspace(-9, 9, 4_000_000, dtype=np.float32))
    return str(path)


@pytest.fixture
def here(object_store, monkeypatch):
    """Let this process find the store."""
    for name, value in object_store.env.items():
        monkeypatch.setenv(name, value)
    obstore_extra.open_store.cache_clear()
    yield
    obstore_extra.open_store.cache_clear()


def until(condition):
    """Wait until a condition holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def start(store, *words, **options):
    """Start the real command."""
    return subprocess.Popen([ACTCLI, *words], env=store.env, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_is_read_from_and_written_to_a_store_as_a_file_is(ending, object_store, tmp_path):
    """The same bytes, compressed or not."""
    words = ["--format", "jsonl"] if ending.startswith(".jsonl") else []
    output("relu", "-1.5", "2", "-o", f"in{ending}", *words, cwd=tmp_path)
    output("gelu", f"in{ending}", "-o", f"out{ending}", "--only", cwd=tmp_path)
    source = object_store.put(f"formats/in{ending}", (tmp_path / f"in{ending}").read_bytes())
    output("gelu", source, "-o", f"s3://bucket/formats/out{ending}", "--only", env=object_store.env)
    assert object_store.get(f"formats/out{ending}") == (tmp_path / f"out{ending}").read_bytes()


def test_results_that_depend_on_all_rows_are_read_twice(object_store, tmp_path):
    """A softmax down the columns gives what it gives for a file."""
    (tmp_path / "x.csv").write_text("x\n1\n2\n3\n")
    source = object_store.put("twice.csv", b"x\n1\n2\n3\n")
    words = ["--axis", "0"]
    assert output("softmax", source, *words, env=object_store.env) == output("softmax", "x.csv", *words, cwd=tmp_path)


def test_a_large_object_goes_in_ranges_and_parts(object_store, numbers, tmp_path):
    """Of the same bytes as a file."""
    output("relu", numbers, "-o", "x.csv", cwd=tmp_path)
    output("relu", numbers, "-o", "s3://bucket/large.csv", env=object_store.env)
    assert object_store.get("large.csv") == (tmp_path / "x.csv").read_bytes()
    output("relu", "s3://bucket/large.csv", "-c", "x", "--replace", "-o", "y.csv", cwd=tmp_path, env=object_store.env)
    output("relu", "x.csv", "-c", "x", "--replace", "-o", "z.csv", cwd=tmp_path)
    assert (tmp_path / "y.csv").read_bytes() == (tmp_path / "z.csv").read_bytes()


def test_an_object_can_be_replaced_by_its_results(object_store):
    """By its own name or in place."""
    url = object_store.put("place.csv", b"x\n-1\n2\n")
    output("relu", url, "-o", url, env=object_store.env)
    assert object_store.get("place.csv") == b"x,x_relu\n-1,0.0\n2,2.0\n"
    output("relu", url, "--in-place", "--replace", "-c", "x", env=object_store.env)
    assert object_store.get("place.csv") == b"x,x_relu\n0.0,0.0\n2.0,2.0\n"


def test_an_object_that_changes_is_said(object_store, here):
    """While it is read, and before its results replace it."""
    url = object_store.put("changing.csv", b"x\n1\n")
    stored = objects.StoredObject(url)
    before = stored.state()
    object_store.put("changing.csv", b"x\n2\n")
    with pytest.raises(StorageError, match=r"^s3://bucket/changing\.csv was changed while it was read$"):
        list(stored.chunks(before, 10))
    place = Output(url, url)
    object_store.put("changing.csv", b"x\n3\n")
    with pytest.raises(StorageError, match="another program changed s3://bucket/changing"), place.opened() as out:
        out.write("lost")
    assert object_store.get("changing.csv") == b"x\n3\n"


def test_a_failure_leaves_no_object_and_no_upload(object_store, here):
    """Before and after the first part is on its way; the old object stays."""
    object_store.put("precious.csv", b"precious")
    for size in (10, 30 * 2**20):
        for error in (KeyboardInterrupt, ValueError, MemoryError):
            with pytest.raises(error), objects.StoredObject("s3://bucket/precious.csv").written() as file:
                file.write(b"x" * size)
                raise error
    assert object_store.get("precious.csv") == b"precious"
    assert object_store.uploads() == set()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_ended_while_it_writes_leaves_no_object(number, object_store, numbers):
    """If it could, the store has forgotten the upload; of one that was killed, the open upload stays."""
    key = f"ended{number}.csv"
    run = start(object_store, "relu", numbers, "-o", f"s3://bucket/{key}")
    until(lambda: key in object_store.uploads())
    run.send_signal(number)
    assert run.wait(DEADLINE_SECONDS) == -number
    assert run.communicate()[1] == ""
    assert not object_store.exists(key)
    assert (key in object_store.uploads()) == (number == signal.SIGKILL)


def test_control_c_ends_a_command_that_waits_for_a_store():
    """At once, though the store does not answer."""
    answered = threading.Event()
    with answering(200, stalled=answered) as port:
        run = subprocess.Popen([ACTCLI, "relu", "s3://bucket/x.csv"], env=environment(port), stderr=subprocess.PIPE)
        time.sleep(2)
        run.send_signal(signal.SIGINT)
        status = run.wait(10)
        answered.set()
    assert (status, run.communicate()[1]) == (-signal.SIGINT, b"")


CODE = "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message></Error>"


@pytest.mark.parametrize(
    ("status", "body", "reading", "writing"),
    [
        (
            403,
            CODE.format("SignatureDoesNotMatch", "The signature does not match."),
            "permission denied; check the credentials",
            "The signature does not match. (SignatureDoesNotMatch)",
        ),
        (
            404,
            CODE.format("NoSuchBucket", "The specified bucket does not exist"),
            "there is no such object, or no such bucket",
            "The specified bucket does not exist (NoSuchBucket)",
        ),
        (
            400,
            CODE.format("AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-central-1'"),
            "the store answered 400 Bad Request; is AWS_REGION that of the bucket?",
            "the region 'us-east-1' is wrong; expecting 'eu-central-1' (AuthorizationHeaderMalformed)",
        ),
        (301, "", *["the bucket is in another region; set AWS_REGION"] * 2),
        (503, "", *["the store answered 503 Service Unavailable"] * 2),
        (405, CODE.format("No", "two\nlines\x1b[31m" + "x" * 999), "the store answered 405 Method Not Allowed", "two "),
    ],
)
def test_what_a_store_refuses_is_one_line(status, body, reading, writing):
    """With the status of storage: wrong credentials, a missing bucket, another region, a server that fails."""
    with answering(status, body) as port:
        words = {"env": environment(port), "status": 3}
        assert complaint("relu", "s3://bucket/x.csv", **words) == f"cannot read s3://bucket/x.csv: {reading}"
        written = complaint("relu", "1", "-o", "s3://bucket/x.csv", **words)
        assert written.startswith(f"cannot write s3://bucket/x.csv: {writing}")
        assert len(written) < 300
        assert written.isprintable()


def test_what_a_real_store_does_not_have_is_one_line(object_store):
    """An object or a bucket, read, listed or written."""
    words = {"env": object_store.env, "status": 3}
    missing = "there is no such object, or no such bucket"
    assert complaint("relu", "s3://bucket/none.csv", **words) == f"cannot read s3://bucket/none.csv: {missing}"
    for line in (
        complaint("relu", "1", "-o", "s3://bucket-none/x.csv", **words),
        complaint("relu", "s3://bucket-none/a/*.csv", "--output-dir", "out", **words),
        complaint("relu", "logits.csv", "--output-dir", "s3://bucket-none/out", **words, cwd="sample_inputs"),
    ):
        assert "The specified bucket does not exist (NoSuchBucket)" in line


def test_a_store_that_cannot_be_reached_is_one_line(numbers):
    """Within seconds; also one that is gone in the middle."""
    with answering(200) as port:
        env = environment(port)
    begun = time.monotonic()
    assert complaint("relu", "s3://bucket/x.csv", env=env, status=3) == (
        "cannot read s3://bucket/x.csv: there is no connection to the store"
    )
    assert time.monotonic() - begun < 20
    store = ObjectStore()
    try:
        run = start(store, "relu", numbers, "-o", "s3://bucket/x.csv")
        until(store.uploads)
    finally:
        store.stop()
    _, said = run.communicate(timeout=DEADLINE_SECONDS)
    assert run.returncode == 3
    assert re.fullmatch(r"actcli: cannot write s3://bucket/x\.csv: (there is no|the) connection .*\n", said)


@pytest.mark.parametrize(
    ("words", "change", "message"),
    [
        ("s3://bucket/x.csv", {"AWS_ALLOW_HTTP": "false"}, "an http:// endpoint has to be allowed"),
        ("s3://bucket/x.csv", {"AWS_ENDPOINT_URL": "localhost:9000"}, "AWS_ENDPOINT_URL must begin with https:// or "),
        ("s3://bucket/a//x.csv", {}, 'Could not parse path: Path "a//x.csv" contained empty path segment'),
        ("1 --to csv -o s3://bucket", {}, "s3://bucket names no object: write s3://bucket/NAME"),
        ("s3:///x.csv", {}, "cannot open s3://: "),
        ("1 -o s3://bucket/x/ --to csv", {}, "s3://bucket/x/ names no object"),
        ("az://container/x.csv", {}, "cannot open az://container: set AZURE_STORAGE_ACCOUNT_NAME"),
        ("gs://bucket/x.csv", {"GOOGLE_SERVICE_ACCOUNT": "/no.json"}, "cannot open gs://bucket: Generic GCS error"),
    ],
)
def test_what_cannot_be_asked_of_a_store_is_one_line(words, change, message):
    """Names and settings of S3, and the ways to the others."""
    with answering(200) as port:
        pass
    assert message in complaint("relu", *words.split(), env=environment(port) | change, status=3)


def test_missing_credentials_are_one_line():
    """Of whatever store: a cloud's own server was asked for them last."""
    with answering(403, "no") as port:
        metadata = f"http://127.0.0.1:{port}"
        env = environment(port) | {"AWS_METADATA_ENDPOINT": metadata}
        del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
        assert complaint("relu", "s3://bucket/x.csv", env=env, status=3) == (
            "cannot read s3://bucket/x.csv: there are no credentials; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket"
        )


def test_without_obstore_a_line_says_how_to_get_it():
    """And a run that meets no store never loads it."""
    code = (
        "import os, sys; sys.argv = ['actcli', *sys.argv[1:]]\n"
        "if sys.argv.pop(1) == 'hidden': sys.modules['obstore'] = None\n"
        "end = os._exit; os._exit = lambda status: (print('obstore' in sys.modules), sys.stdout.flush(), end(status))\n"
        "from actcli.__main__ import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "hidden", "relu", "s3://bucket/x.csv"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (
        2,
        "actcli: s3://, gs:// and az:// need obstore; install it with: pip install 'actcli[remote]' "
        "(from a clone: pip install '.[remote]')\n",
    )
    words = ["relu", "sample_inputs/logits.csv", "--only", "-o", os.devnull, "--to", "csv"]
    run = subprocess.run([sys.executable, "-c", code, "", *words], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_file_with_the_name_of_a_store_is_still_a_file(tmp_path):
    """If its name begins with a dot and a slash."""
    (tmp_path / "s3:" / "b").mkdir(parents=True)
    (tmp_path / "s3:" / "b" / "x.csv").write_text("x\n-1\n")
    assert output("relu", "./s3://b/x.csv", cwd=tmp_path) == "x,x_relu\n-1,0.0\n"


@pytest.fixture
def acts(object_store):
    """Return the name of a prefix with a tree of objects, among them one that stands for a folder."""
    prefix = f"acts{os.urandom(4).hex()}"
    for name, data in {
        "a/1.csv": b"x,y\n1,2\n-3,4\n",
        "layer=2/part 1.csv": b"x\n-5\n",
        "layer=2/p.tsv": b"x\ty\n6\tz\n",
        "layer=2/q[1].csv": b"x\n7\n",
        "notes.md": b"# Notes\n",
        ".hidden.csv": b"x\n1\n",
        "layer=2/": b"",
    }.items():
        object_store.put(f"{prefix}/{name}", data)
    return prefix


def test_a_prefix_is_mirrored_as_a_folder_is(object_store, acts, tmp_path):
    """Into the store, out of it and within it; each object is what a run of its own gives."""
    env = object_store.env
    names = ["a/1.csv", "layer=2/p.tsv", "layer=2/part 1.csv", "layer=2/q[1].csv"]
    expected = {name: output("relu", f"s3://bucket/{acts}/{name}", env=env).encode() for name in names}
    (line,) = said(actcli("relu", f"s3://bucket/{acts}", "--output-dir", f"s3://bucket/{acts}.out", env=env))
    assert line.startswith("actcli: 4 files, 5 rows in ")
    assert line.endswith(f"; record: s3://bucket/{acts}.out.manifest.jsonl")
    assert object_store.below(f"{acts}.out/") == expected
    assert not object_store.exists(f"{acts}.out.manifest.jsonl.lock")
    said(actcli("relu", f"s3://bucket/{acts}/", "--output-dir", "out", "--success-file", env=env, cwd=tmp_path))
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names} == expected
    words = ["out", "--replace", "-c", "x", "--output-dir", f"s3://bucket/{acts}.two", "--success-file"]
    said(actcli("relu", *words, env=env, cwd=tmp_path))
    assert set(object_store.below(f"{acts}.two/")) == {*names, "_SUCCESS"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/*.csv", {"a/1.csv", "layer=2/part 1.csv", "layer=2/q[1].csv"}),
        ("*/p*", {"layer=2/part 1.csv", "layer=2/p.tsv"}),
        ("layer=[!3]/?.tsv", {"layer=2/p.tsv"}),
        ("**/a/**", {"a/1.csv"}),
        ("layer=2/q[1].csv", {"q[1].csv"}),
        ("*.csv", None),
        ("layer*", None),
    ],
)
def test_globs_name_objects_as_they_name_files(pattern, names, object_store, acts, tmp_path):
    """Nothing that is hidden; and a name that looks like a glob is that object."""
    run = actcli("relu", f"s3://bucket/{acts}/{pattern}", "--output-dir", "out", env=object_store.env, cwd=tmp_path)
    if names is None:
        assert run.stderr == f"actcli: no file matches 's3://bucket/{acts}/{pattern}'\n"
    else:
        assert run.returncode == 0, run.stderr
        found = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
        assert found == names


def test_a_list_may_name_objects_and_be_one(object_store, acts):
    """Some of it missing, which is named, while the others go on."""
    url = f"s3://bucket/{acts}"
    listed = object_store.put(f"{acts}.txt", f"{url}/a/1.csv\n{url}/a/2.csv\n".encode())
    run = actcli("relu", "--files-from", listed, "--output-dir", f"{url}.out", env=object_store.env)
    assert (run.returncode, run.stderr.splitlines()) == (
        3,
        [
            f"actcli: cannot read {url}/a/2.csv: there is no such object, or no such bucket",
            "actcli: 1 of 2 files is not done; mend what is wrong and give --resume",
        ],
    )
    assert set(object_store.below(f"{acts}.out/")) == {"1.csv"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("s3://bucket/{0}", "s3://bucket/{0}: several files need a folder for their results: --output-dir DIR"),
        ("s3://bucket/{0}/a/1.csv s3://bucket/{0}/x.csv", "s3://bucket/{0}/a/1.csv s3://bucket/{0}/x.csv: several "),
        ("s3://bucket/{0} --output-dir s3://bucket", "--output-dir must be a folder, and s3://bucket is a whole "),
        ("s3://bucket/{0} --output-dir s3://bucket/{0}/", "s3://bucket/{0}/a/1.csv is an input, and the results of "),
        ("s3://bucket/{0} sample_inputs --output-dir out", "the files have no folder in common; give --root"),
        ("s3://bucket/{0} --output-dir out --root sample_inputs", "s3://bucket/{0}/a/1.csv is not below --root "),
        ("s3://bucket/{0}/b/ --output-dir out", "s3://bucket/{0}/b/ holds no file of a format that can be read"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(words, message, object_store, acts):
    """As for files."""
    before = object_store.listing()
    line = complaint("relu", *words.format(acts).split(), env=object_store.env, status=3 if "common" in message else 2)
    assert line.startswith(message.format(acts))
    assert object_store.listing() == before
    assert not os.path.exists("s3:")


@pytest.mark.parametrize(
    ("change", "words", "again"),
    [
        (lambda store, acts: None, [], 0),
        (lambda store, acts: store.put(f"{acts}/a/1.csv", b"x,y\n1,2\n-3,5\n"), [], 1),
        (lambda store, acts: store.delete(f"{acts}.out/a/1.csv"), [], 1),
        (lambda store, acts: store.put(f"{acts}.out/a/1.csv", store.get(f"{acts}.out/a/1.csv")[::-1]), [], 1),
        (lambda store, acts: None, ["--verify"], 0),
        (lambda store, acts: None, ["--only"], 4),
    ],
)
def test_only_what_is_missing_or_has_changed_is_done_again(change, words, again, object_store, acts):
    """By size and ETag of source and results."""
    call = ["relu", f"s3://bucket/{acts}", "--output-dir", f"s3://bucket/{acts}.out"]
    said(actcli(*call, env=object_store.env))
    change(object_store, acts)
    (line,) = said(actcli(*call, "--resume", *words, env=object_store.env))
    assert line.startswith(f"actcli: {again} file{'s' * (again != 1)}, ")
    lines = [json.loads(line) for line in object_store.get(f"{acts}.out.manifest.jsonl").splitlines()]
    assert lines[-1] == {"complete": True, "files": 4, "rows": 5}
    assert all(line.get("source_etag") for line in lines if "key" in line)
    only = [word for word in words if word != "--verify"]
    expected = output("relu", f"s3://bucket/{acts}/a/1.csv", *only, env=object_store.env).encode()
    assert object_store.get(f"{acts}.out/a/1.csv") == expected


@pytest.fixture
def many(object_store):
    """Return the name of a prefix with objects that take a command some seconds."""
    prefix = f"many{os.urandom(4).hex()}"
    for i in range(40):
        object_store.put(f"{prefix}/{i}.csv", b"x\n" + b"".join(b"%d.25\n" % k for k in range(1000 + i)))
    return prefix


def test_a_second_run_is_refused_while_the_first_goes_on(object_store, many):
    """And the first ends as if nobody had asked."""
    words = ["gelu", f"s3://bucket/{many}", "--output-dir", f"s3://bucket/{many}.out"]
    first = start(object_store, *words)
    until(lambda: object_store.exists(f"{many}.out.manifest.jsonl.lock"))
    first.send_signal(signal.SIGSTOP)
    try:
        line = complaint(*words, "--resume", env=object_store.env)
    finally:
        first.send_signal(signal.SIGCONT)
    assert re.fullmatch(
        rf"another run is writing to s3://bucket/{many}\.out: process {first.pid} of \S+, for 0 min; wait until it has "
        rf"ended or, if it was killed, remove s3://bucket/{many}\.out\.manifest\.jsonl\.lock",
        line,
    )
    assert first.wait(DEADLINE_SECONDS) == 0
    assert first.communicate()[1].startswith("actcli: 40 files, ")
    assert not object_store.exists(f"{many}.out.manifest.jsonl.lock")


def test_several_processes_write_the_same_objects(object_store, acts):
    """Each with its own connection to the store."""
    for name, words in {"one": [], "two": ["--jobs", "2"]}.items():
        call = ["gelu", f"s3://bucket/{acts}", "--output-dir", f"s3://bucket/{acts}.{name}", *words]
        said(actcli(*call, env=object_store.env, timeout=2 * DEADLINE_SECONDS))
    assert object_store.below(f"{acts}.one/") == object_store.below(f"{acts}.two/") != {}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_is_continued(number, object_store, many, tmp_path):
    """To the bytes of one that was not; a killed one leaves its lock, which is said, and loses its record."""
    words = ["gelu", f"s3://bucket/{many}", "--output-dir", f"s3://bucket/{many}.out", "--resume"]
    run = start(object_store, *words)
    until(lambda: len(object_store.below(f"{many}.out/")) > 3)
    run.send_signal(number)
    assert run.wait(DEADLINE_SECONDS) == -number
    stopped = "actcli: stopped; what is done is recorded: give --resume for the rest\n"
    assert run.communicate()[1] == (stopped if number == signal.SIGINT else "")
    lock = f"{many}.out.manifest.jsonl.lock"
    assert object_store.exists(lock) == (number == signal.SIGKILL)
    if number == signal.SIGKILL:
        assert complaint(*words, env=object_store.env).endswith(f"if it was killed, remove s3://bucket/{lock}")
        object_store.delete(lock)
    (line,) = said(actcli(*words, env=object_store.env))
    assert ("done before" in line) == (number != signal.SIGKILL)
    said(actcli("gelu", f"s3://bucket/{many}", "--output-dir", "plain", env=object_store.env, cwd=tmp_path))
    plain = {path.name: path.read_bytes() for path in (tmp_path / "plain").iterdir()}
    assert object_store.below(f"{many}.out/") == plain


def test_the_record_is_put_into_the_store_from_time_to_time(object_store, here, monkeypatch):
    """And the lock is released, whatever happens."""
    url, key = "s3://bucket/shared.jsonl", "shared.jsonl"
    with shared_file.open_shared(url, "out") as shared:
        shared.file.write(b"1\n")
        shared.save()
        assert not object_store.exists(key)
    assert object_store.get(key) == b"1\n"
    monkeypatch.setattr(shared_file, "_SAVE_SECONDS", 0)
    with pytest.raises(ValueError, match="stop"), shared_file.open_shared(url, "out") as shared:
        assert shared.file.seek(0) == 0
        assert shared.file.read() == b"1\n"
        shared.file.write(b"2\n")
        shared.save()
        assert object_store.get(key) == b"1\n2\n"
        shared.file.write(b"3\n")
        raise ValueError("stop")
    assert object_store.get(key) == b"1\n2\n3\n"
    assert not object_store.exists(key + shared_file.LOCK_ENDING)


def test_a_lock_is_ours_though_the_answer_was_lost(object_store, here):
    """What is there already holds what was to be written."""
    lock = objects.StoredObject("s3://bucket/lock")
    assert lock.create(b"mine")
    assert lock.create(b"mine")
    assert not lock.create(b"other")
    lock.delete()


def test_the_parts_of_a_pattern_match_as_on_a_disk(tmp_path):
    """The standard library is the referee."""
    names = ["a.csv", "x/a.csv", "x/y/a.csv", "x/.h/a.csv", ".x/a.csv", "x/.a.csv", "x/y/b.tsv", "z/a.csv/c"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if not (tmp_path / name).is_dir():
            (tmp_path / name).write_text("1")
    for pattern in ("*", "**", "**/*", "*/a*", "**/a.csv", "x/**", "x/**/*.csv", "**/y/**", ".x/*", "x/.*", "[xz]/*"):
        on_disk = {
            name for name in glob.glob(pattern, root_dir=tmp_path, recursive=True) if (tmp_path / name).is_file()
        }
        assert {name for name in names if search._matches(name.split("/"), pattern.split("/"))} == on_disk, pattern
