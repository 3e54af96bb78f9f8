"""The command line: numbers in any place and notation, options, formats; mistakes in one line."""

import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli as library
from actcli.cli import args
from actcli.errors import ActcliError
from actcli.formats.registry import FORMATS
from actcli.numerics import dtypes
from tests.command import actcli, complaint, output

PLAIN = ("--format", "plain")


@pytest.mark.parametrize(
    "line",
    [
        "-5 -8 0 3 9 --threshold 7",
        "--threshold 7 -5 -8 0 3 9",
        "-5 -8 --threshold 7 0 3 9",
        "-5 -8 --threshold=7 0 3 9",
        "--threshold 7 -- -5 -8 0 3 9",
        "-5,-8,0,3,9 --threshold 7",
        "-5,-8 0 3,9, --threshold 7e0",
        "\N{MINUS SIGN}5 \N{MINUS SIGN}8 0 3 9 --threshold 7",
        "-5.0 -0.8e1 +0 3. 9 --threshold 7.0",
    ],
)
def test_numbers_stand_before_between_and_after_options(line):
    """In every notation, the same five results."""
    assert output("relu", *PLAIN, *line.split()).split() == ["-0.0", "-0.0", "0.0", "0.0", "9.0"]


def test_one_quoted_word_may_hold_several_numbers():
    """As a shell passes on what another program wrote; a missing number between commas is none."""
    assert output("relu", "-5 -8\n0, 3  9", "--threshold", "7", *PLAIN).split() == ["-0.0", "-0.0", "0.0", "0.0", "9.0"]
    assert "'1,,2' is neither" in complaint("relu", "1,,2")


def test_special_numbers_are_numbers():
    """Infinities, NaN, exponents without a leading digit, numbers beyond the range."""
    assert output("tanh", "-inf", "nan", "-.5e-3", "1e400", *PLAIN).split() == ["-1.0", "nan", "-0.00049999997", "1.0"]


def test_a_parameter_may_be_negative():
    """Beside data that is negative too."""
    assert output("relu", "-5", "--threshold", "-7", "-8", *PLAIN).split() == ["-5.0", "-0.0"]
    assert output("relu", "-5", "--threshold", "\N{MINUS SIGN}7", *PLAIN).split() == ["-5.0"]


def test_the_tutorial_spelling_of_the_slope_is_accepted():
    """Both names give the same."""
    line = ["relu", "-5,-8,0,3,9", *PLAIN]
    assert output(*line, "--alpha", "0.7").split() == ["-3.5", "-5.6", "0.0", "3.0", "9.0"]
    assert output(*line, "--alpha", "0.7") == output(*line, "--negative-slope", "0.7")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("relu --treshold 7 3", "relu has no option '--treshold'; did you mean --threshold?"),
        ("relu -2q", "'-2q' is neither a number nor an option of relu; did you mean -2?"),
        ("relu -1..2", "'-1..2' is neither a number"),
        ("relu 3 -z", "relu has no option '-z'; see actcli relu --help"),
        ("ellu 3", "unknown activation 'ellu'; did you mean elu or selu?"),
        ("xyzzy 3", "unknown activation 'xyzzy'; see actcli --help"),
        ("relu 3 --threshold abc", "relu: --threshold must be a number, got 'abc'"),
        ("relu 3 --threshold nan", "relu: --threshold must be a number, got 'nan'"),
        ("relu 3 --threshold", "--threshold requires a value"),
        ("relu 3 --derivative=1", "Option '--derivative' does not take a value"),
        ("info", "info: missing argument 'FUNCTION...'; see actcli info --help"),
        ("tutorial 5", "SECTION must be one of intro, relu, sigmoid, softmax, tanh, choose, got '5'"),
        ("tutorial relu --check", "--check compares all examples; leave out relu"),
        ("tutorial --check -o x.html", "--check compares all examples; leave out --output"),
        ("tutorial -o page.pdf", "--output writes a web page: its name must end in .html, got 'page.pdf'"),
        ("tutorial -o html", "--output writes a web page: its name must end in .html, got 'html'"),
        ("tutorial relu x", "tutorial takes no further argument, got 'x'; see actcli tutorial --help"),
        (
            "tutorial rely",
            "SECTION must be one of intro, relu, sigmoid, softmax, tanh, choose, got 'rely'; did you mean",
        ),
        ("diagnos relu 1", "unknown activation or command 'diagnos'; did you mean diagnose?"),
        ("relu 3 --alpha 1 --negative-slope 2 --alpha 3x", "relu: --negative-slope must be a number, got '3x'"),
        ("softmax 1 2 --axis 0.5", "softmax: --axis must be an integer, got '0.5'"),
        ("softmax 1 2 --axis 1", "softmax: --axis 1 is out of range (-1 to 0)"),
        ("softmax 1 2 --derivative", "softmax has a Jacobian, not a derivative per value"),
        ("relu 3 abc", "'abc' is neither a number nor an existing file"),
        ("relu abc", "'abc' is neither a number nor an existing file"),
        (
            "relu 3 --dtype float31",
            f"{', '.join(dtypes.FORMATS)}, got 'float31'; did you mean float32",
        ),
        ("relu 3 --numerics fast", "numerics must be one of exact, tensorflow2, got 'fast'"),
        ("relu 3 --format jsn", "--format must be one of table, csv"),
        ("relu 3 --output out.xyz", "the ending of 'out.xyz' names no format"),
        ("relu 3 --columns z", "--columns selects columns of a file"),
        ("relu 3 --linspace 0 1 5", "--linspace cannot be combined with other"),
        ("relu --linspace 0 1 2.5", "--linspace: COUNT must be an integer >= 1, got '2.5'"),
        ("relu --linspace 0 1 0", "--linspace: COUNT must be an integer >= 1, got '0'"),
        ("relu --linspace 0 inf 5", "--linspace: STOP must be a finite number, got 'inf'"),
        ("relu --linspace a 1 5", "--linspace: START must be a finite number, got 'a'"),
        ("relu --linspace 0 1", "requires 3 values"),
        ("-5 relu", "unknown activation '-5'; write the function first: actcli FUNCTION -5"),
        ("5", "unknown activation '5'; write the function first: actcli FUNCTION 5"),
        ("--vresion", "actcli has no option '--vresion'; did you mean --version?"),
        ("tutorial --fast", "tutorial has no option '--fast'"),
    ],
)
def test_a_mistake_is_one_line_with_a_suggestion(line, message, tmp_path):
    """On standard error, exit status 2, nothing on standard output."""
    assert message in complaint(*line.split(), cwd=tmp_path)
    assert os.listdir(tmp_path) == []


def test_evenly_spaced_numbers():
    """Both ends included; one number is the start."""
    assert output("relu", "--linspace", "-1", "1", "5", "--format", "csv") == (
        "x,x_relu\n-1.0,0.0\n-0.5,0.0\n0.0,0.0\n0.5,0.5\n1.0,1.0\n"
    )
    assert output("relu", "--linspace", "-1", "1", "1", *PLAIN) == "0.0\n"


def test_aliases_and_spellings_are_commands():
    """As in the library."""
    assert output("Logistic", "0", *PLAIN) == "0.5\n"
    assert "sigmoid" in output("LOGISTIC", "0")


def test_python_m_actcli_is_the_same_command():
    """With the same name in its messages."""
    import subprocess
    import sys

    run = subprocess.run([sys.executable, "-m", "actcli", "relu", "-2q"], capture_output=True, text=True)
    assert (run.returncode, run.stderr[:7]) == (2, "actcli:")


def test_version_and_help():
    """Without arguments, the help."""
    assert output("--version") == "actcli 0.1.0\n"
    assert output("--help") == output("-h") == output()
    assert output("tanh", "-h") == output("tanh", "--help")


FORMATTED = {
    "csv": "x,x_relu,x_relu_derivative\n-0.5,-0.15,0.3\nnan,nan,nan\n1e-7,1e-7,1.0\n",
    "tsv": "x\tx_relu\tx_relu_derivative\n-0.5\t-0.15\t0.3\nnan\tnan\tnan\n1e-7\t1e-7\t1.0\n",
    "json": '{"function": "relu", "parameters": {"negative_slope": 0.3, "threshold": 0}, "dtype": "float32", '
    '"numerics": "exact", "dialect": "keras", "x": [-0.5, "nan", 1e-7], "y": [-0.15, "nan", 1e-7], '
    '"derivative": [0.3, "nan", 1.0]}\n',
    "jsonl": '{"x": -0.5, "x_relu": -0.15, "x_relu_derivative": 0.3}\n'
    '{"x": "nan", "x_relu": "nan", "x_relu_derivative": "nan"}\n'
    '{"x": 1e-7, "x_relu": 1e-7, "x_relu_derivative": 1.0}\n',
    "array": "array([-1.5e-01,      nan,  1.0e-07], dtype=float32)\narray([0.3, nan, 1. ], dtype=float32)\n",
    "plain": "-0.15\t0.3\nnan\tnan\n1e-7\t1.0\n",
    "hex": "0xbe19999a\t0x3e99999a\n0x7fc00000\t0x7fc00000\n0x33d6bf95\t0x3f800000\n",
    "markdown": "| x | x_relu | x_relu_derivative |\n| --- | ---: | ---: |\n"
    "| -0.5 | -0.15 | 0.3 |\n| nan | nan | nan |\n| 1e-7 | 1e-7 | 1.0 |\n",
    "table": "relu(negative_slope=0.3), float32, exact\n"
    "╭─────────┬──────────┬──────────╮\n"
    "│       x │  relu(x) │ relu'(x) │\n"
    "├─────────┼──────────┼──────────┤\n"
    "│ -5.e-01 │ -1.5e-01 │      0.3 │\n"
    "│     nan │      nan │      nan │\n"
    "│  1.e-07 │  1.0e-07 │      1.  │\n"
    "╰─────────┴──────────┴──────────╯\n",
}


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if not format.is_binary])
def test_every_format_says_everything(name):
    """Every format of text in the table of formats, with its derivative, NaN and a small number."""
    found = output("relu", "-0.5", "nan", "1e-7", "--alpha", ".3", "--derivative", "--format", name)
    assert [line.split() for line in found.splitlines()] == [line.split() for line in FORMATTED[name].splitlines()]
    if name.startswith("json"):
        for line in found.splitlines():
            json.loads(line)


def test_json_names_infinities():
    """Which JSON itself has no numbers for."""
    found = json.loads(output("relu", "inf", "-inf", "--alpha", "1", "--max-value", "inf", "--format", "json"))
    assert found["y"] == ["inf", "-inf"]
    assert found["parameters"] == {"negative_slope": 1, "max_value": "inf", "threshold": 0}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", ["csv", "tsv", "json", "jsonl", "plain", "markdown", "array", "table"])
def test_no_format_shortens_or_rounds_a_number(name, dtype):
    """Numbers of very different sizes read back, from every format, to the bits of the library."""
    numbers = ["1e-38", "-3.3333333333333333", "123456789.123456789", "0.1", "1e300", "-2.2e-308"]
    values = library.evaluate("relu", numbers, dtype=dtype, negative_slope=1)
    found = output("relu", *numbers, "--alpha", "1", "--dtype", dtype, "--format", name, "--no-tutorial-column")
    if name == "json":
        written = [str(number) for number in json.loads(found)["y"]]
    elif name == "jsonl":
        written = [str(json.loads(line)["x_relu"]) for line in found.splitlines()]
    elif name == "array":
        written = found.replace("array([", "").partition("]")[0].replace(",", " ").split()
    else:
        lines = [
            line.strip("|│ ").replace("│", "|") for line in found.splitlines() if line[-3:] not in ("---:|", "──╮")
        ]
        cells = [line.replace(",", "|").replace("\t", "|").split("|")[-1].strip() for line in lines]
        written = [cell for cell in cells if cell and args.is_number_or_bits(cell)]
    if name == "array" and dtype == "bfloat16":
        return  # NumPy's own text of a foreign dtype: six digits, which is enough for 8 bits
    assert library.evaluate("relu", written, dtype=dtype, negative_slope=1).tobytes() == values.tobytes()


@given(st.lists(st.text(alphabet="-+0123456789.einfax,\N{MINUS SIGN} /", min_size=1, max_size=8), max_size=5))
def test_words_are_numbers_files_or_one_line_of_complaint(given_words):
    """Whatever is typed: no word is dropped, and the only error is ActcliError."""
    try:
        list(args.shield_numbers(given_words, "relu"))
        typed, file = args.classify_args(given_words, "relu")
    except ActcliError as error:
        assert "\n" not in str(error)
        return
    assert not (typed and file)
    assert len(typed) >= len(given_words) - (file is not None)
    np.testing.assert_array_equal([args.is_number_or_bits(number) for number in typed], True)


@given(st.floats(), st.sampled_from(["", "+", "-"]))
def test_every_number_python_writes_is_a_number(number, sign):
    """Shielded from the parser of options and read as itself."""
    word = sign + repr(number).removeprefix("-")
    assert list(args.shield_numbers([word], "relu")) == [" " + word]
    assert args.split_numbers(word) == [word]


def test_a_closed_pipe_ends_quietly():
    """As for head, which has seen enough."""
    import subprocess

    from tests.command import ACTCLI

    line = f"{ACTCLI} relu --linspace -1 1 200000 --format csv | head -1; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("x,x_relu\n0\n", "")


def test_a_full_disk_is_one_line_and_exit_status_3():
    """Large and small outputs, table and data."""
    import subprocess

    from tests.command import ACTCLI

    for line in ("relu 1", "relu 1 --format csv", "relu --linspace 0 1 99999 --format plain", "tutorial", "--help"):
        run = subprocess.run(["bash", "-c", f"{ACTCLI} {line} > /dev/full"], capture_output=True, text=True)
        assert run.returncode == 3
        assert run.stderr == "actcli: cannot write standard output: No space left on device\n"


def test_closed_standard_streams_are_one_line():
    """Standard output closed, standard input closed."""
    import subprocess

    from tests.command import ACTCLI

    run = subprocess.run(["bash", "-c", f"{ACTCLI} relu 1 >&-"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (3, "actcli: standard output is closed\n")
    run = subprocess.run(["bash", "-c", f"{ACTCLI} relu <&-"], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("actcli: relu needs numbers")
    assert actcli("relu", "1", "--format", "plain").stdout == "1.0\n"
