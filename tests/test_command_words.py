"""What people type in other words, in capitals or in another order is understood."""

import pytest

import actcli
from actcli.cli.builtin import BUILTIN_COMMANDS
from actcli.numerics import dtypes
from tests.command import ENVIRONMENT, complaint, output

SAME = {
    "help relu": "relu --help",
    "help": "--help",
    "-h": "--help",
    "HELP compare": "compare --help",
    "version": "--version",
    "-V": "--version",
    "explain gelu": "info gelu",
    "Info Gelu": "info gelu",
    "RELU -1 2": "relu -1 2",
    "--format plain relu 1 -2": "relu 1 -2 --format plain",
    "-f plain --derivative relu 1 -2": "relu 1 -2 -f plain --derivative",
    "--format=plain relu 1 -2": "relu 1 -2 --format plain",
    "--threshold 7 relu 8": "relu 8 --threshold 7",
    "--linspace 0 1 3 relu": "relu --linspace 0 1 3",
    "--as relu relu 2 -f csv": "relu 2 -f csv --as relu",
    "relu 3 --format MD": "relu 3 --format markdown",
    "relu 3 --json": "relu 3 --format json",
    "info gelu --json": "info gelu --format json",
    "relu 3 --format Plain": "relu 3 --format plain",
    "leaky_relu -1 --dialect PyTorch": "leaky_relu -1 --dialect torch",
    "leaky_relu -1 --dialect tf": "leaky_relu -1 --dialect keras",
    "leaky_relu -1 --dialect tensorflow": "leaky_relu -1 --dialect keras",
    "compare gelu --dialects Torch,JAX 1": "compare gelu --dialects torch,jax 1",
    "tanh 1 --numerics TensorFlow2": "tanh 1 --numerics tensorflow2",
    "swiglu 1 2 --gate First": "swiglu 1 2 --gate first",
    "list --in PyTorch": "list --in torch",
    "choose hidden": "choose --layer hidden",
    "choose --layer Hidden": "choose --layer hidden",
    "choose Binary": "choose --layer output --task binary",
}
DTYPES = {"double": "float64", "half": "float16", "fp16": "float16", "BF16": "bfloat16", "Float32": "float32"}
DTYPES |= {"fp4": "float4_e2m1fn", "e2m3": "float6_e2m3fn", "e4m3": "float8_e4m3fn", "e5m2fnuz": "float8_e5m2fnuz"}


@pytest.mark.parametrize("line", SAME)
def test_other_words_mean_the_same(line):
    """Down to the last byte of the output."""
    assert output(*line.split()) == output(*SAME[line].split())


@pytest.mark.parametrize(
    ("pasted", "hint"),
    [
        (["tf.keras.activations.relu", "3"], "did you mean relu?"),
        (["tf.keras.activations.relu(foo, max_value=3).numpy()"], "did you mean relu?"),
        (["torch.nn.functional.hardswish", "3"], "did you mean hard_silu?"),
        (["relu", "3", "dtype=float16"], "did you mean --dtype float16?"),
        (["relu", "3", "no_such=0.7"], "did you mean --no-such 0.7?"),
        (["relu", "3", "inplace=True"], "inplace: inputs are never modified; leave it out"),
    ],
)
def test_a_call_pasted_from_python_is_answered_with_the_command(pasted, hint):
    """By its last name, whatever module it stands in; keyword arguments by their options."""
    assert complaint(*pasted).endswith(f"; {hint}")


@pytest.mark.parametrize("name", DTYPES)
def test_a_dtype_has_the_names_of_its_users(name):
    """On the command line and in Python."""
    assert output("sigmoid", "3", "--dtype", name) == output("sigmoid", "3", "--dtype", DTYPES[name])
    assert actcli.evaluate("relu", [1], dtype=name).dtype == dtypes.FORMATS[DTYPES[name]].dtype


def test_no_alias_hides_a_word():
    """Nor does any stand for something that is not there."""
    assert set(dtypes.ALIASES.values()) <= set(dtypes.FORMATS)
    assert not set(dtypes.ALIASES) & set(dtypes.FORMATS)


def test_two_functions_in_a_row_suggest_a_comparison():
    """With the command that makes it."""
    assert complaint("relu", "sigmoid", "1").endswith("; try actcli compare relu sigmoid")


def test_several_functions_are_described_one_after_the_other():
    """In every format; as JSON, one object a line."""
    both, single = output("info", "relu", "gelu", "--format", "json"), output("info", "relu", "--format", "json")
    assert both.splitlines() == [single.strip(), output("info", "gelu", "--format", "json").strip()]
    assert output("info", "relu", "gelu").startswith(output("info", "relu"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cauchit 1", "unknown activation 'cauchit'; see actcli --help"),
        ("cos 1", "unknown activation 'cos'; see actcli --help"),
        ("rleu 1", "unknown activation 'rleu'; did you mean relu?"),
        ("eul 1", "unknown activation 'eul'; did you mean elu?"),
        ("tahn 1", "unknown activation 'tahn'; did you mean tanh?"),
        ("relu 1 --inverse", "relu has no option '--inverse'; see actcli relu --help"),
        ("relu 1 --treshold 2", "relu has no option '--treshold'; did you mean --threshold?"),
        ("relu 1 --threshold", "--threshold requires a value"),
        ("relu --linspace 0 1", "--linspace requires 3 values"),
        ("list a b", "list takes no further argument, got 'b'; see actcli list --help"),
        ("relu 1 --alpha x", "relu: --negative-slope must be a number, got 'x'"),
        ("prelu 1", "prelu: --slope is required (slope below 0)"),
        (
            "relu 1 --dtype fp8",
            f"--dtype must be one of {', '.join(dtypes.FORMATS)}, got 'fp8'",
        ),
        (
            "relu 1 --dtype float8_e8m0fnu",
            "--dtype cannot be float8_e8m0fnu: it has neither a zero nor a sign; it is for scales only",
        ),
    ],
)
def test_a_mistake_is_told_with_the_nearest_words_or_where_to_look(line, message):
    """A suggestion only where it is near; never dozens of names."""
    assert complaint(*line.split()).startswith(message)


def test_a_script_chooses_its_format_once(tmp_path):
    """By an environment variable, which options override and files do not heed."""
    plain = {"env": ENVIRONMENT | {"ACTCLI_FORMAT": "plain"}, "cwd": tmp_path}
    assert output("relu", "-1", "2", **plain) == "0.0\n2.0\n"
    assert output("relu", stdin="x\n-1\n2\n", **plain) == "0.0\n2.0\n"
    assert output("relu", "2", "--format", "csv", **plain) == "x,x_relu\n2.0,2.0\n"
    output("relu", "2", "-o", "out.csv", **plain)
    assert (tmp_path / "out.csv").read_text() == "x,x_relu\n2.0,2.0\n"
    output("relu", "out.csv", "-c", "x", "--as", "y", "--in-place", **plain)
    assert (tmp_path / "out.csv").read_text() == "x,x_relu,y\n2.0,2.0,2.0\n"
    misspelt = ENVIRONMENT | {"ACTCLI_FORMAT": "plane"}
    assert complaint("relu", "2", env=misspelt).startswith("ACTCLI_FORMAT must be one of table, csv,")


@pytest.mark.parametrize("name", BUILTIN_COMMANDS)
def test_a_command_is_found_in_capitals(name):
    """As functions are."""
    assert output(name.upper(), "--help") == output(name, "--help")
