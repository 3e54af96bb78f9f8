"""Parquet and Arrow that cannot be read or written end with one line, and never with the process."""

import base64
import io
import os
import signal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet import encryption

from tests.command import ACTCLI, ENVIRONMENT, complaint, output
from tests.typed_tables import HOW, loaded, stored


def test_rows_are_counted_by_row_group():
    """As in parquet-testing's repeated_no_annotation.parquet, whose footer says that there are none."""
    whole = stored(pa.table({"z": [1.0, -2, 3, -4, 5, -6]}), "parquet")
    length = int.from_bytes(whole[-8:-4], "little")
    head, footer, tail = whole[: -8 - length], whole[-8 - length : -8], whole[-8:]
    six, none = b"\x16\x0c", b"\x16\x00"  # a number of 64 bits in Thrift's compact form
    places = [place for place in range(length) if footer[place : place + 2] == six]
    files = [head + footer[:place] + none + footer[place + 2 :] + tail for place in places]
    files = [data for data in files if pq.read_metadata(io.BytesIO(data)).num_rows == 0]
    assert [pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).num_rows for data in files] == [3]
    assert output("relu", "--from", "parquet", "--to", "csv", "--only", stdin=files[0]) == (
        "z_relu\n1.0\n0.0\n3.0\n0.0\n5.0\n0.0\n"
    )


def test_a_missing_pyarrow_is_one_line():
    """With what installs it."""
    code = (
        "import sys; sys.modules['pyarrow'] = None; sys.argv = ['actcli', *sys.argv[1:]]\n"
        "from actcli.__main__ import main; main()"
    )
    for words in (["relu", "1", "--to", "parquet"], ["relu", "--from", "arrow"], ["relu", "1", "--to", "arrows"]):
        found = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, input="")
        assert (found.returncode, found.stdout) == (2, "")
        assert found.stderr == (
            "actcli: Parquet and Arrow need pyarrow; install it with: pip install 'actcli[parquet]' "
            "(from a clone: pip install '.[parquet]')\n"
        )


BAD = {
    "an encrypted footer": (b"PARE" + bytes(99) + b"PARE", "is encrypted Parquet; decrypt it first"),
    "Feather 1": (b"FEA1" + bytes(99) + b"FEA1", "is Feather version 1"),
    "a bit of Parquet": (b"PAR1", "begins as Parquet but is damaged"),
    "a garbage footer": (
        b"PAR1" + b"\xff" * 40 + (40).to_bytes(4, "little") + b"PAR1",
        "begins as Parquet but is damaged",
    ),
    "a name of Parquet that is not UTF-8": (
        stored(pa.table({"zzzz": [1.5]}), "parquet", store_schema=False).replace(b"zzzz", b"\xff\xfe\xfd\xfc"),
        "begins as Parquet but is damaged",
    ),
    "a time zone that is not UTF-8": (
        stored(pa.table({"z": [1.5], "t": pa.array([0], pa.timestamp("s", "Asia/Tokyo"))}), "arrow").replace(
            b"Asia/Tokyo", b"Asia/\xff\xfe\xfd\xfc\xfb"
        ),
        "begins as an Arrow file but is damaged",
    ),
    "a name within a structure that is not UTF-8": (
        b"\xffzzz".join(stored(pa.table({"z": [1.5], "s": [{"zzzz": 1.5}]}), "arrow").rsplit(b"zzzz", 1)),
        "begins as an Arrow file but is damaged",
    ),
    "a name that is not UTF-8": (
        b"\xffzzz".join(
            stored(pa.table({"zzzz": [1.5], "v": pa.array(["a"], pa.string_view())}), "arrow").rsplit(b"zzzz", 1)
        ),
        "begins as an Arrow file but is damaged",
    ),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_one_line(data, message):
    """That names it."""
    assert message in complaint("relu", "--from", "parquet", stdin=data)


def test_encrypted_columns_are_one_line():
    """Of such, pyarrow ends the process where their metadata are looked at in a footer that anybody can read."""

    class Service(encryption.KmsClient):
        def __init__(self):
            encryption.KmsClient.__init__(self)

        def wrap_key(self, key, name):
            return base64.b64encode(key)

    factory = encryption.CryptoFactory(lambda _: Service())
    how = encryption.EncryptionConfiguration(footer_key="f", column_keys={"c": ["z"]}, plaintext_footer=True)
    properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), how)
    data = stored(pa.table({"z": [1.0], "y": [2.0]}), "parquet", encryption_properties=properties)
    for words in ([], ["-c", "y"]):
        found = complaint("relu", "--from", "parquet", "--to", "parquet", *words, stdin=data)
        assert found == "standard input is encrypted Parquet; decrypt it first"


def test_damaged_files_end_with_an_answer_or_a_line():
    """In a process of its own, whose memory is bounded; ``python -m tests.fuzz.tables`` tries more."""
    words = ["--files", "300", "--seed", "7"]
    found = subprocess.run([sys.executable, "-m", "tests.fuzz.tables", *words], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.startswith("300 damaged files, ")
    assert found.stdout.endswith(" of them read: 0 findings\n")


@pytest.mark.parametrize("how", HOW)
def test_control_c_ends_it_at_once_while_it_writes(how, tmp_path):
    """With no file left but the one that was read."""
    values = np.random.default_rng(0).normal(0, 4, 4_000_000)
    (tmp_path / f"x.{how}").write_bytes(stored(pa.table({f"z{i}": values for i in range(8)}), how, 2**20))
    words = ["env", "--default-signal=INT", ACTCLI, "relu", f"x.{how}", "-o", f"y.{how}"]
    child = subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT)
    while not any(path.stat().st_size > 2**20 for path in tmp_path.glob(".y*")):
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    assert child.wait(5) == -signal.SIGINT
    assert os.listdir(tmp_path) == [f"x.{how}"]


@pytest.mark.parametrize("how", ["parquet", "arrow"])
def test_half_a_table_that_is_piped_on_does_not_look_whole(how):
    """Where a number of its last row cannot be read; pyarrow by itself would end the file properly."""
    texts = ["1.5"] * 400_000 + ["no number"]
    data = stored(pa.table({"z": texts}), "parquet", 1000)
    words = [ACTCLI, "relu", "--from", "parquet", "-c", "z", "--to", how]
    environment = ENVIRONMENT | {"PYTHONUNBUFFERED": "1"}  # nothing is left in a buffer when the process ends
    found = subprocess.run(words, input=data, capture_output=True, env=environment)
    message = b"actcli: standard input: row 400001, column 'z': 'no number' is not a number\n"
    assert (found.returncode, found.stderr) == (2, message)
    assert found.stdout
    with pytest.raises(pa.ArrowInvalid):
        loaded(found.stdout, how)
