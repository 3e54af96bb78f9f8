"""Any table, in batches of any size, however compressed, on any number of threads: what the plain model gives."""

import gzip

from hypothesis import example, given
from hypothesis import strategies as st

import actcli as library
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.pipeline import threads
from actcli.storage import compression
from tests import naive
from tests.in_memory import Chunks, written

CELL = st.text(
    st.sampled_from("ab1 é☃\",;\t\n\r|x^'\\") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, str]:
    """Return the bytes of a table, one of whose columns is called n and holds numbers, and its separator."""
    separator = draw(st.sampled_from(",;\t|"))
    place, width = draw(st.integers(0, 2)), draw(st.integers(0, 3))
    others = st.lists(CELL, min_size=width, max_size=width)
    number = st.sampled_from(list(naive.RESULTS))
    rows = draw(st.lists(st.tuples(others, number), min_size=1, max_size=12))
    names = draw(st.lists(CELL.filter(lambda name: name.strip() != "n"), min_size=width, max_size=width))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    all_quoted = draw(st.booleans())
    table = ([*row[:place], cell, *row[place:]] for row, cell in [(names, "n"), *rows])
    text = "".join(naive.written(row, separator, all_quoted=all_quoted) + line_end for row in table)
    if draw(st.booleans()):
        text = text.removesuffix(line_end)
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode(), separator


def compressed(data: bytes, kind: str, cut: int) -> bytes:
    """Return data packed in one of the ways, where it comes in several members in two, cut somewhere."""
    packed = {"gzip": lambda part: gzip.compress(part, mtime=0), "Zstandard": compression.zstandard().compress}.get(
        kind
    )
    if packed is None:
        return data
    parts = [data[: cut % len(data)], data[cut % len(data) :]]
    return b"".join(map(packed, filter(None, parts)))


def answered(data: bytes, separator: str, size: int) -> bytes:
    """Return what the stream writes, reading and unpacking that many bytes at a time."""
    arriving = (data[start : start + size] for start in range(0, len(data), size))
    options = ReadOptions(separator=separator, columns=("n",), header=True)
    read = CsvReader(Chunks(compression.decompress_chunks(arriving, "any", size), "any"), options)
    job = Job(library.get("relu")(negative_slope=0.5))
    return written(job, read.batches(), CsvWriter(WriteOptions(separator)))


@given(
    tables(),
    st.sampled_from(["nothing", "gzip", "Zstandard"]),
    st.integers(0, 1000),
    st.integers(1, 40) | st.just(2**21),
    st.integers(1, 4),
)
@example((b'"a\nb",n\r\n1,-2\r\n', ","), "nothing", 0, 5, 2)
@example((b'"a\r\nb",n\n1,-2\n', ","), "nothing", 0, 2**21, 2)
def test_any_table_gives_what_the_plain_model_gives(table, kind, cut, size, workers):
    """Byte for byte; ``--hypothesis-profile thorough`` tries many more."""
    data, separator = table
    before = threads.cores
    threads.cores = lambda: workers
    try:
        found = answered(compressed(data, kind, cut), separator, size)
    finally:
        threads.cores = before
    assert found == naive.relu(data, separator, "n")


def test_every_activation_size_gives_the_same():
    """From one byte on, with everything in it that a batch could be cut in."""
    data = b'\xef\xbb\xbf"t\xc3\xa9",n\r\n"a ""b"", c\r\nd",-2\r\n\xe2\x98\x83,3.25\r\n"",\r\n\'x^2\',0'
    expected = naive.relu(data, ",", "n")
    assert expected.count(b"\r\n") == 6
    assert expected.startswith(b"\xef\xbb\xbf")
    for kind in ("nothing", "gzip", "Zstandard"):
        packed = compressed(data, kind, 20)
        assert {answered(packed, ",", size) for size in [*range(1, 30), len(packed)]} == {expected}
