"""The formats of files: compressed, named by ending or option, and converted into each other."""

import functools
import gzip
import os
import re
import subprocess

import pytest

from actcli.storage import compression
from actcli.storage.output import Output
from tests.command import ACTCLI, actcli, complaint, output

CSV = "id,x\np,-1\nq,2.50\n"
RELU = "id,x,x_relu\np,-1,0.0\nq,2.50,2.5\n"
GZIP = functools.partial(gzip.compress, mtime=0)  # a time might hold any byte
COMPRESS = {".gz": gzip.compress, ".zst": lambda data: compression.zstandard().compress(data)}
DECOMPRESS = {".gz": gzip.decompress, ".zst": lambda data: compression.zstandard().decompress(data)}


def run(*words: str, stdin: bytes = b"", **options: object) -> bytes:
    """Return the bytes on standard output of a run that succeeds."""
    found = subprocess.run([ACTCLI, *words], input=stdin, capture_output=True, timeout=60, **options)
    assert (found.returncode, found.stderr) == (0, b""), found.stderr
    return found.stdout


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_input_is_recognised_by_its_first_bytes(ending, tmp_path):
    """As a file of any name and on standard input; the ending before the compression's names the format."""
    data = COMPRESS[ending](CSV.encode())
    for name in (f"x.csv{ending}", "x.csv", "x.odd"):
        (tmp_path / name).write_bytes(data)
        assert output("relu", name, cwd=tmp_path) == RELU
    assert output("relu", stdin=data) == RELU
    assert output("relu", stdin=data + COMPRESS[ending](b"r,3\n")) == RELU + "r,3,3.0\n"
    (tmp_path / f"x.TSV{ending.upper()}").write_bytes(COMPRESS[ending](CSV.replace(",", "\t").encode()))
    assert output("relu", f"x.TSV{ending.upper()}", cwd=tmp_path) == RELU.replace(",", "\t")
    assert "is empty" in complaint("relu", stdin=COMPRESS[ending](b""))


@pytest.mark.parametrize(("ending", "kind"), [(".gz", "gzip"), (".zst", "Zstandard")])
def test_damaged_compressed_input_is_named(ending, kind, tmp_path):
    """Cut short, or with rubbish in the middle or at its end; the output stays as it was."""
    whole = COMPRESS[ending]((CSV + "r,1.25\n" * 1000).encode())
    (tmp_path / "old.csv").write_text("precious\n")
    for cut in (5, 12, len(whole) - 1):
        (tmp_path / f"x{ending}").write_bytes(whole[:cut])
        found = complaint("relu", f"x{ending}", "-o", "old.csv", cwd=tmp_path)
        assert found == f"x{ending} ends in the middle of its {kind} data"
    for damaged in (whole[:4] + b"\xff" * 8 + whole[12:], whole + b"rubbish that is no member"):
        run = actcli("relu", "-o", "old.csv", stdin=damaged, cwd=tmp_path)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith(f"actcli: standard input is damaged {kind} data: ")
    assert (tmp_path / "old.csv").read_text() == "precious\n"


@pytest.mark.parametrize("ending", COMPRESS)
def test_output_is_compressed_if_its_ending_says_so(ending, tmp_path):
    """In the format of the ending before it, or the one asked for; the same bytes at any time, none on failure."""
    words = ["relu", "-", "--output"]
    output(*words, f"x.csv{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"y.csv{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"x.json{ending}", stdin=CSV, cwd=tmp_path)
    output(*words, f"x.out{ending}", "--format", "tsv", stdin=CSV, cwd=tmp_path)
    found = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    assert len(found) == 4
    assert found[f"x.csv{ending}"] == found[f"y.csv{ending}"]
    texts = {name: DECOMPRESS[ending](data).decode() for name, data in found.items()}
    assert texts[f"x.csv{ending}"] == RELU
    assert texts[f"x.json{ending}"] == output("relu", "--format", "json", stdin=CSV)
    assert texts[f"x.out{ending}"] == RELU.replace(",", "\t")
    assert "row 2" in complaint(*words, f"x.csv{ending}", "-c", "id", stdin=CSV, cwd=tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == found
    assert f"the ending of 'x{ending}' names no format" in complaint(*words, f"x{ending}", stdin=CSV)


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_output_does_not_depend_on_its_pieces(ending, tmp_path):
    """However the rows come; a gzip file holds no time."""
    text = "".join(f"{i},{i * i}\n" for i in range(30000)).encode()
    found = set()
    for size in (1000, 77777, len(text)):
        with Output(str(tmp_path / f"x.csv{ending}")).opened() as out:
            for start in range(0, len(text), size):
                out.buffer.write(text[start : start + size])
                out.buffer.flush()
        found.add((tmp_path / f"x.csv{ending}").read_bytes())
    (data,) = found
    assert DECOMPRESS[ending](data) == text
    assert ending != ".gz" or data[4:8] == bytes(4)


def skippable(content: bytes, kind: int = 0) -> bytes:
    """Return a frame that Zstandard skips (RFC 8878, 3.1.2)."""
    return bytes([0x50 + kind]) + b"\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


FRAME = compression.zstandard().compress
FILLED = {
    "zeros after the last gzip member": gzip.compress(RELU.encode()) + bytes(5000),
    "zeros between gzip members": gzip.compress(RELU[:20].encode()) + bytes(7) + gzip.compress(RELU[20:].encode()),
    "a skippable frame first": skippable(b"\x10\0\0\0") + FRAME(RELU.encode()),  # as pzstd writes
    "a skippable frame last": FRAME(RELU.encode()) + skippable(b"seek table", 0xE),  # the seekable format
    "skippable frames all around": skippable(b"")
    + b"".join(skippable(bytes(i), i) + FRAME(RELU[2 * i : 2 * i + 2].encode()) for i in range(16))
    + FRAME(RELU[32:].encode())
    + skippable(bytes(300)),
}


@pytest.mark.parametrize("data", FILLED.values(), ids=FILLED)
def test_what_fills_compressed_data_up_is_skipped(data, tmp_path):
    """In chunks of any size, in files of any name, and through pipes."""
    for size in range(1, min(len(data), 60)):
        pieces = iter([data[i : i + size] for i in range(0, len(data), size)])
        assert b"".join(compression.decompress_chunks(pieces, "any", 7)).decode() == RELU
    (tmp_path / "x.csv").write_bytes(data)
    for words, stdin in ((["x.csv"], b""), ([], data), (["--from", "csv", "-"], data)):
        found = output("linear", *words, "--only", "-c", "x", "--as", "x", stdin=stdin, cwd=tmp_path)
        assert found == "x\n-1.0\n2.5\n"
    line = ["sh", "-c", f"(head -c 3 x.csv; sleep 0.2; tail -c +4 x.csv) | {ACTCLI} linear -c x --only --as x"]
    assert subprocess.run(line, cwd=tmp_path, capture_output=True, text=True).stdout == "x\n-1.0\n2.5\n"


def test_filled_up_parquet_is_read_at_any_place(tmp_path):
    """Where a file is needed, its first bytes have to be known as well."""
    import io

    import polars

    out = io.BytesIO()
    polars.DataFrame({"x": [-1.0, 2.5]}).write_parquet(out)
    (tmp_path / "x.parquet").write_bytes(skippable(b"first") + FRAME(out.getvalue()))
    assert output("relu", "x.parquet", "--to", "csv", cwd=tmp_path) == "x,x_relu\n-1.0,0.0\n2.5,2.5\n"


DAMAGED = [
    (GZIP(b"1\n") + bytes(9) + b"rubbish", "damaged gzip data"),
    (GZIP(b"1\n") + bytes(9) + GZIP(b"2\n")[:-3], "ends in the middle of its gzip data"),
    (bytes(9) + GZIP(b"1\n"), "NUL|UTF-8|zero"),
    (skippable(b"cut short")[:-1], "ends in the middle of its Zstandard data"),
    (skippable(b"")[:6], "ends in the middle of its Zstandard data"),
    (skippable(b"whole") + b"rubbish", "damaged Zstandard data"),
    (FRAME(b"1\n") + bytes(9), "damaged Zstandard data"),
    (FRAME(b"1\n") + skippable(b"cut short")[:-1], "ends in the middle of its Zstandard data"),
    (skippable(b"nothing else"), "is empty"),
]


@pytest.mark.parametrize(("data", "message"), DAMAGED, ids=range(len(DAMAGED)))
def test_what_does_not_fill_compressed_data_up_is_an_error(data, message, tmp_path):
    """Also behind something that may be skipped; nothing is written."""
    (tmp_path / "x.csv").write_bytes(data)
    for words, stdin in ((["x.csv"], b""), (["-"], data)):
        found = complaint("relu", *words, "-o", "out.csv", stdin=stdin, cwd=tmp_path)
        assert re.search(message, found), found
    assert os.listdir(tmp_path) == ["x.csv"]
