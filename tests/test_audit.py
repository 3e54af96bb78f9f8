"""What an audit says of frameworks, shown by made-up ones whose mistakes are known."""

import ast
import shlex

import pytest

from actcli import registry
from actcli.dialects import FRAMEWORKS
from actcli.numerics import dtypes
from tests.activations import NEEDED
from tests.command import output
from tests.made_up_frameworks import audited, csv_rows, rows_of, run_audit, write_frameworks
from tests.test_help import examples

SOME = ("--functions", "linear,relu,relu6,elu,leaky_relu,softplus", "--dtypes", "bfloat16")


@pytest.fixture(name="folder")
def folder_with_a_framework(tmp_path):
    """Return a folder with a made-up JAX."""
    write_frameworks(tmp_path, "jax")
    return tmp_path


def test_each_function_is_called_by_its_line_and_judged(folder):
    """A step at 1, where the next bfloat16 number is meant; subnormal numbers flushed to zero: up to 127 steps."""
    document = audited(folder, "jax", *SOME)
    rows = rows_of(document)
    linear = rows["linear", "bfloat16", "value"]
    assert (linear["call"], linear["dialect"], linear["reason"]) == ("jax.nn.identity(x)", "jax", None)
    normal = linear["report"]["classes"]["normal"]
    assert (normal["steps"], normal["wrong"], normal["worst"][0]["input_bits"]) == (1, 1, "0x3f80")
    relu = rows["relu", "bfloat16", "value"]["report"]
    assert (relu["classes"]["normal"]["steps"], relu["classes"]["subnormal"]["steps"]) == (0, 127)
    assert relu["classes"]["subnormal"]["wrong"] == 127
    assert relu["classes"]["subnormal"]["worst"][0]["input_bits"] == "0x007f"
    slopes = rows["relu", "bfloat16", "derivative"]["report"]
    assert [(fault["name"], fault["count"]) for fault in slopes["faults"]] == [("not_nan", 254)]
    assert rows["leaky_relu", "bfloat16", "value"]["report"]["function"] == "leaky_relu(negative_slope=0.01)"
    about = document["frameworks"]["jax"]
    assert (about["versions"], about["device"], about["capability"]) == ({"jax": "9.8.7"}, "tpu", None)
    assert about["threads"] >= 1


def test_where_there_is_no_result_there_is_a_reason(folder):
    """A function that raises, one that kills the process, one that lacks a name; what comes after them is judged."""
    rows = rows_of(audited(folder, "jax", *SOME, "--kinds", "value"))
    reasons = {function: row["reason"] for (function, _, _), row in rows.items() if row["reason"]}
    assert reasons["relu6"].startswith("raised TypeError: no relu6 for bfloat16")
    assert reasons["elu"] == "died of SIGKILL"
    assert "no attribute 'softplus'" in reasons["softplus"]
    assert rows["leaky_relu", "bfloat16", "value"]["report"]["classes"]["normal"]["steps"] > 0
    assert [*rows] == sorted(rows, key=lambda key: SOME[1].split(",").index(key[0]))
    lacked = rows_of(audited(folder, "jax", "--functions", "prelu", "--dtypes", "float16", "--kinds", "value"))
    assert lacked["prelu", "float16", "value"]["reason"] == "jax has no prelu; the nearest is leaky_relu"


def test_every_format_holds_the_same(folder):
    """The table has a line for each result and one for each reason."""
    found = rows_of(audited(folder, "jax", *SOME))
    rows = csv_rows(run_audit(folder, "jax", *SOME, "--format", "csv").stdout)
    assert [(row["function"], row["dtype"], row["kind"]) for row in rows] == [*found]
    for row, expected in zip(rows, found.values(), strict=True):
        if expected["report"] is None:
            assert (row["normal_steps"], row["reason"]) == ("-", expected["reason"])
        else:
            assert int(row["normal_steps"]) == expected["report"]["classes"]["normal"]["steps"]
            assert row["definition"] == expected["report"]["function"]
    lines = [
        line for line in run_audit(folder, "jax", *SOME, "-f", "markdown").stdout.splitlines() if "| jax |" in line
    ]
    assert len(lines) == len(rows)
    table = run_audit(folder, "jax", *SOME).stdout
    assert "jax: jax 9.8.7; tpu, threads: " in table
    assert "jax bfloat16, as jax defines them: all inputs" in table
    assert [line.split() for line in table.splitlines() if line.split()[:1] == ["linear"]] == [
        ["linear", "1", "0", "99.9984", "%", "1", "0x3f80"]
    ]
    assert "  elu, elu': died of SIGKILL" not in table  # the made-up derivative does not call it
    assert "  elu: died of SIGKILL" in table


def test_each_backend_of_keras_has_a_process_of_its_own(tmp_path):
    """Which its environment tells; a parameter without default is 0.5."""
    write_frameworks(tmp_path, "keras", "jax", "tensorflow")
    words = ("keras-jax", "keras-tensorflow", "--functions", "linear,threshold", "--dtypes", "float16")
    document = audited(tmp_path, *words, "--kinds", "value")
    assert {name: about["versions"]["keras"] for name, about in document["frameworks"].items()} == {
        "keras-jax": "jax",
        "keras-tensorflow": "tensorflow",
    }
    reports = {row["report"]["function"] for row in document["rows"]}
    assert reports == {"linear", "threshold(threshold=0.5, value_below=0.5)"}


def test_keras_2_is_the_keras_of_tensorflow_where_it_is_installed(tmp_path):
    """Whose lines of code say tf; without its package, tensorflow has Keras 3."""
    write_frameworks(tmp_path, "tensorflow")
    words = ("tf.keras", "--functions", "linear", "--dtypes", "float16", "--kinds", "value")
    run = run_audit(tmp_path, *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert "keras2 is not installed here: Python does not find tf_keras" in run.stderr
    write_frameworks(tmp_path, "tf_keras")
    (row,) = audited(tmp_path, *words)["rows"]
    assert (row["framework"], row["call"]) == ("keras2", "tf.keras.activations.linear(x)")
    assert row["report"]["classes"]["normal"]["steps"] == 0


def test_the_numbers_of_a_file_are_the_inputs(folder):
    """In each format; and strata of another seed are others."""
    (folder / "x.csv").write_text("a,b\n1,2\n-3,0.5\n")
    document = audited(folder, "jax", "--functions", "linear", "--kinds", "value", "--inputs", "x.csv")
    assert [row["report"]["tried"] for row in document["rows"]] == [4, 4, 4]
    steps = {row["dtype"]: row["report"]["classes"]["normal"]["steps"] for row in document["rows"]}
    assert steps == {"float16": 1, "bfloat16": 1, "float32": 0}
    words = ("jax", "--functions", "linear", "--kinds", "value", "--dtypes", "float16")
    seeded = audited(folder, *words, "--inputs", "strata:4", "--seed", "5")
    assert seeded["rows"][0]["report"]["inputs"] == "strata:4, seed 5"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("onnxruntime", "onnxruntime is not installed here: Python does not find onnxruntime; installed: jax"),
        (
            "flax",
            "FRAMEWORK must be one of torch, jax, keras-torch, keras-jax, keras-tensorflow, keras2, onnxruntime",
        ),
        ("jax --functions rleu", "unknown activation 'rleu'; did you mean relu"),
        ("jax --kinds slope", "--kinds must be one of value, derivative, got 'slope'"),
        ("jax --dtypes int8", f"--dtypes must be one of {', '.join(dtypes.FORMATS)}, got"),
        ("jax --inputs some", "--inputs must be all, strata, strata:N or a file, got 'some'"),
        ("jax --timeout -1", "--timeout must be a number >= 0, got '-1'"),
        ("jax -f junit", "--format must be one of table, json, markdown, csv, got 'junit'"),
        ("jax --compare x.csv", "x.csv is not an audit; expected what actcli audit --format json wrote"),
    ],
)
def test_mistakes_are_one_line(folder, words, message):
    """That says what is accepted, with status 2."""
    (folder / "x.csv").write_text("1\n")
    (folder / "onnx.py").write_text("")
    run = run_audit(folder, *shlex.split(words))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"actcli: {message}")


def test_a_framework_that_cannot_be_imported_is_an_error(tmp_path):
    """Named with what it raises."""
    (tmp_path / "jax.py").write_text("raise RuntimeError('no device')\n")
    run = run_audit(tmp_path, "jax")
    assert run.returncode == 2
    assert run.stderr.startswith("actcli: jax cannot be loaded: it raised RuntimeError: no device")


def test_the_examples_of_its_help_run(folder):
    """With JAX or what stands for it."""
    found = examples(output("audit", "--help"))
    assert len(found) >= 3
    for example in found:
        program, command, *words = shlex.split(example)
        run = run_audit(folder, *words)
        assert (program, command, run.returncode, run.stderr) == ("actcli", "audit", 0, ""), example
        assert run.stdout or "--output" in words


@pytest.mark.parametrize("activation", registry.registered(), ids=lambda activation: activation.name)
def test_lines_of_code_can_be_called_with_x_and_the_required_parameters(activation):
    """They name the framework's module, x, and parameters without default, as they are or by another spelling."""
    known = {"x", *NEEDED[activation.name]}
    known |= {spelling for name in NEEDED[activation.name] for spelling in activation.parameters[name].spellings}
    roots = {"keras": "keras", "torch": "torch", "jax": "jax"}
    assert set(roots) <= set(FRAMEWORKS)
    for dialect, root in roots.items():
        if dialect in activation.dialects:
            tree = ast.parse(activation.dialects[dialect].call, mode="eval")
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert {"x", root} <= names <= known | {root}
