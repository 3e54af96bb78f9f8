"""Many files in other processes: the same bytes, whoever is killed, and nobody else gets in."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from distributed import Client, Security

from tests.command import ACTCLI, ENVIRONMENT, complaint
from tests.test_many_files import tree

FILES = 60
ROWS = 4000
DEADLINE_SECONDS = 120
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Return a folder with files in ``acts`` and what a run in one process makes of them in ``plain``."""
    folder = tmp_path_factory.mktemp("shards")
    (folder / "acts").mkdir()
    generator = random.Random(1)
    for i in range(FILES):
        rows = (f"{generator.gauss(0, 3):.6f},{i}\n" for _ in range(ROWS))
        (folder / "acts" / f"{i:02}.csv").write_text("z,k\n" + "".join(rows))
    run = subprocess.run([ACTCLI, "gelu", "acts", "--output-dir", "plain"], cwd=folder, env=ENVIRONMENT)
    assert run.returncode == 0
    return folder


@pytest.fixture
def folder(shards, tmp_path):
    """Return a folder of a test's own, with the same files."""
    for name in ("acts", "plain"):
        shutil.copytree(shards / name, tmp_path / name)
    return tmp_path


class Run:
    """The command over many files, going on.

    Args:
        folder: where.
        words: what is added to the call.
        environment: the environment variables.

    """

    def __init__(self, folder, *words, environment=ENVIRONMENT):
        words = [ACTCLI, "gelu", "acts", "--output-dir", "out", *words]
        self.folder = folder
        self.process = subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)

    def wait_for(self, condition):
        """Return the first value of a condition that is true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (value := condition()):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return value

    def wait_for_results(self, count=1):
        """Wait until so many files are recorded."""
        record = self.folder / "out.manifest.jsonl"
        self.wait_for(lambda: record.exists() and record.read_bytes().count(b"\n") >= count)

    def workers(self):
        """Return the processes that do files."""
        return workers_below(self.process.pid)

    def end(self):
        """Return the exit status and the lines on standard error."""
        _, text = self.process.communicate(timeout=DEADLINE_SECONDS)
        return self.process.returncode, text.splitlines()


def workers_below(pid):
    """Return the worker processes among a process's descendants."""
    try:
        return [p for p in psutil.Process(pid).children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
    except psutil.Error:
        return []


def kill(process):
    """Kill a process at once, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def assert_all_done(folder):
    """Assert that the results are those of one process, without leftovers."""
    assert tree(folder / "out") == tree(folder / "plain")


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_jobs_gives_the_same_bytes(folder, count):
    """And listens on the loopback alone, where only the run's own certificate opens."""
    run = Run(folder, "--jobs", str(count))
    run.wait_for(lambda: len(run.workers()) == count)
    run.wait_for_results()
    tree_of_processes = [psutil.Process(run.process.pid), *run.workers()]
    listening = [c for p in tree_of_processes for c in p.net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    for connection in psutil.Process(run.process.pid).net_connections():
        if connection.status == psutil.CONN_LISTEN:
            for protocol, security in (("tls", Security.temporary()), ("tcp", None)):
                with pytest.raises((OSError, ValueError)):
                    Client(f"{protocol}://127.0.0.1:{connection.laddr.port}", security=security, timeout=2)
    status, lines = run.end()
    assert status == 0, lines
    (line,) = lines
    assert line.startswith(f"actcli: {FILES} files, {FILES * ROWS:,} rows in ")
    assert_all_done(folder)


def test_a_killed_process_costs_nothing(folder):
    """Another takes its place, and its files are done once more."""
    run = Run(folder, "--jobs", "2")
    run.wait_for_results()
    for _ in range(2):
        kill(run.wait_for(run.workers)[0])
        time.sleep(1)
    status, lines = run.end()
    assert status == 0, lines
    assert len(lines) == 1
    assert_all_done(folder)


def test_a_file_that_brings_every_process_down_fails_alone(folder):
    """It is named with the status of storage, and nothing of it is left."""
    bad = folder / "acts" / "bad.csv"
    bad.write_text("z,k\n" + "0.5,1\n" * 2_000_000)
    run = Run(folder, "--jobs", "2")
    while run.process.poll() is None:
        for worker in run.workers():
            try:
                opened = {file.path for file in worker.open_files()}
            except psutil.Error:
                continue
            if str(bad) in opened:
                kill(worker)
        time.sleep(0.01)
    status, lines = run.end()
    assert (status, lines) == (
        3,
        [
            "actcli: acts/bad.csv: every worker that began it was killed",
            f"actcli: 1 of {FILES + 1} files is not done; mend what is wrong and give --resume",
        ],
    )
    bad.unlink()
    assert run_again(folder)[0] == 0
    assert_all_done(folder)


def run_again(folder, *words):
    """Return what a run that continues ends with."""
    return Run(folder, "--resume", *words).end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_ended_takes_its_processes_with_it_and_is_continued(folder, number):
    """Whole files only; Control-C says what to do."""
    run = Run(folder, "--jobs", "2")
    run.wait_for_results()
    workers = run.workers()
    run.process.send_signal(number)
    status, lines = run.end()
    assert status == -number
    if number == signal.SIGINT:
        assert lines == ["actcli: stopped; what is done is recorded: give --resume for the rest"]
    gone, alive = psutil.wait_procs(workers, timeout=20)
    assert (len(gone), alive) == (2, [])
    results = {name: data for name, data in tree(folder / "out").items() if not name.startswith(".")}
    assert results.items() <= tree(folder / "plain").items()
    status, lines = run_again(folder)
    assert status == 0
    assert " done before" in lines[-1]
    assert_all_done(folder)


def test_failures_in_other_processes_are_told_as_here(folder):
    """With the names that were typed; the first may end the run."""
    (folder / "acts" / "00.csv").write_text("z,k\n1,2\nabc,3\n4,5\n")
    status, lines = Run(folder, "--jobs", "1", "-c", "z", "--on-file-error", "stop").end()
    assert status == 2
    assert lines[0].startswith("actcli: acts/00.csv: row 3, column 'z': 'abc' is not a number")
    assert lines[1].endswith("files are not done; mend what is wrong and give --resume")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ("--jobs 0", 2, "--jobs must be an integer from 1 to 1,024, got '0'"),
        ("--jobs x", 2, "--jobs must be an integer from 1 to 1,024, got 'x'"),
        (
            "--jobs 2 --cluster tls://h:1",
            2,
            "--jobs starts processes here, and --cluster has its own: give one of them",
        ),
        ("--cluster head", 2, "--cluster must be an address like tls://head:8786, got 'head'"),
        ("--cluster tls://head", 2, "--cluster must be an address like tls://head:8786, got 'tls://head'"),
        ("--cluster tls://h:99999999", 2, "--cluster must be an address like tls://head:8786, got 'tls://h:99999999'"),
        ("--cluster http://h:1", 2, "--cluster must be an address like tls://head:8786, got 'http://h:1'"),
        ("--cluster tcp://h:1", 2, "--cluster must be tls://h:1: without encryption only this machine is allowed"),
        (
            "--cluster tls://127.0.0.1:1",
            2,
            "tls://127.0.0.1:1 needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_F",
        ),
        ("--cluster tcp://127.0.0.1:1", 3, "no scheduler answers at tcp://127.0.0.1:1: "),
        ("--cluster tcp://[::1]:1", 3, "no scheduler answers at tcp://[::1]:1: "),
    ],
)
def test_what_cannot_be_used_is_one_line(folder, words, status, message):
    """For addresses that strangers could read along, too."""
    found, lines = Run(folder, *words.split()).end()
    assert found == status
    assert len(lines) == 1
    assert lines[0].removeprefix("actcli: ").startswith(message)


def test_the_numbers_of_typed_words_need_no_jobs(folder):
    """Nor does one file."""
    assert complaint("relu", "acts/00.csv", "--jobs", "2", cwd=folder).startswith("--jobs is for many files")


class DocumentedCluster:
    """A cluster set up by the commands of docs/many-files.md, on the loopback.

    Args:
        folder: where.

    """

    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.address = f"tls://127.0.0.1:{port}"
        page = (Path(__file__).parents[1] / "docs" / "many-files.md").read_text().partition("## Several machines")[2]
        blocks = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)[:4]
        certificate, settings, self._scheduler, self._worker = (
            block.replace("head", "127.0.0.1").replace("8786", str(port)) for block in blocks
        )
        self._folder, self._processes = folder, []
        subprocess.run(["bash", "-ec", certificate], cwd=folder, stderr=subprocess.DEVNULL, check=True)
        (folder / "cluster.sh").write_text(settings)
        shown = subprocess.check_output(["bash", "-ec", ". ./cluster.sh; env -0"], cwd=folder)
        self.environment = dict(entry.split("=", 1) for entry in shown.decode().split("\0") if entry)

    def start(self, commands, environment=None):
        """Start what commands of the page start, and return the process."""
        commands = commands.replace("\ndask ", "\nexec dask ")
        environment = ENVIRONMENT | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | (environment or {})
        log = (self._folder / "log").open("a")
        process = subprocess.Popen(["bash", "-ec", commands], cwd=self._folder, env=environment, stderr=log)
        log.close()
        self._processes.append(process)
        return process

    def start_scheduler(self):
        """Start the scheduler, and wait until it listens."""
        process = self.start(self._scheduler)
        deadline = time.monotonic() + DEADLINE_SECONDS
        host, port = self.address.removeprefix("tls://").split(":")
        while True:
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
                return process
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def start_workers(self, count, environment=None):
        """Start workers below one nanny, whose process is returned."""
        return self.start(self._worker.replace("--nworkers 4", f"--nworkers {count}"), environment)

    def end(self):
        """End everything."""
        for process in self._processes:
            for worker in [*workers_below(process.pid), process]:
                kill(worker)
            process.wait()


@pytest.fixture
def cluster(folder):
    """Return a cluster that is not started yet."""
    cluster = DocumentedCluster(folder)
    yield cluster
    cluster.end()


def test_a_cluster_gives_the_same_bytes_whatever_is_killed(folder, cluster):
    """A worker, and all those below a nanny with it."""
    cluster.start_scheduler()
    first, second = (cluster.start_workers(1) for _ in range(2))
    run = Run(folder, "--cluster", cluster.address, environment=cluster.environment)
    run.wait_for_results()
    kill(run.wait_for(lambda: workers_below(first.pid))[0])
    run.wait_for_results(15)
    kill(second)
    status, lines = run.end()
    assert (status, len(lines)) == (0, 1), lines
    assert_all_done(folder)


def test_a_lost_scheduler_ends_the_run_at_once_and_it_is_continued(folder, cluster):
    """Here, in one process."""
    scheduler = cluster.start_scheduler()
    cluster.start_workers(1)
    run = Run(folder, "--cluster", cluster.address, environment=cluster.environment)
    run.wait_for_results()
    kill(scheduler)
    killed_at = time.monotonic()
    status, lines = run.end()
    assert time.monotonic() - killed_at < 15
    message = f"actcli: {cluster.address} was lost; what is done is recorded: give --resume for the rest"
    assert (status, lines) == (3, [message])
    cluster.end()
    status, lines = run_again(folder)
    assert status == 0
    assert " done before" in lines[-1]
    assert_all_done(folder)


def test_workers_with_other_versions_are_refused_before_the_first_file(folder, cluster):
    """By the name of the worker, and what it has."""
    other = folder / "other" / "polars-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: polars\nVersion: 0.1\n")
    cluster.start_scheduler()
    nanny = cluster.start_workers(1, {"PYTHONPATH": str(other.parent)})
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "Registered to" not in (folder / "log").read_text():
        assert nanny.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    status, lines = Run(folder, "--cluster", cluster.address, environment=cluster.environment).end()
    assert (status, len(lines)) == (3, 1)
    worker = re.escape(cluster.address.rpartition(":")[0])
    said = rf"actcli: the worker {worker}:\d+ has polars 0\.1 instead of \S+; install the same versions everywhere"
    assert re.fullmatch(said, lines[0])
    assert not (folder / "out").exists()


def test_strangers_are_not_let_in(folder, cluster):
    """Neither with a certificate of their own nor without encryption."""
    cluster.start_scheduler()
    (folder / "stranger").mkdir()
    stranger = DocumentedCluster(folder / "stranger").environment
    status, lines = Run(folder, "--cluster", cluster.address, environment=stranger).end()
    assert (status, len(lines)) == (3, 1)
    assert lines[0].startswith(f"actcli: no scheduler answers at {cluster.address}: TLS certificate does not match")
    plain = cluster.address.replace("tls", "tcp")
    status, lines = Run(folder, "--cluster", plain).end()
    assert (status, len(lines)) == (3, 1)
    assert lines[0].startswith(f"actcli: no scheduler answers at {plain}: ")
