"""An audit of real frameworks, where they are installed: facts that were measured independently.

No other test needs a framework, so these are for a job of their own: ``pytest tests/test_frameworks_audit.py``.
"""

import json
import subprocess
import sys

import pytest

import actcli
from tests.made_up_frameworks import rows_of

# The most steps of the normal class and the input of the worst, over all inputs.
FACTS = {
    "torch": {
        ("sigmoid", "bfloat16", "value"): (0, None),
        ("silu", "bfloat16", "value"): (647, "0xc2b2"),
        ("softplus", "bfloat16", "value"): (0, None),
        ("mish", "bfloat16", "value"): (0, None),
        ("tanh", "bfloat16", "value"): (0, None),
        ("elu", "bfloat16", "value"): (0, None),
        ("silu", "bfloat16", "derivative"): (645, "0xc2b2"),
        ("elu", "bfloat16", "derivative"): (0, None),
        ("sigmoid", "float16", "value"): (1, ...),
        ("silu", "float16", "value"): (0, None),
        ("gelu", "float16", "value"): (2, ...),
        ("elu", "float16", "value"): (0, None),
        ("tanh", "float16", "derivative"): (4086, "0xc482"),
    },
    "jax": {("sigmoid", "bfloat16", "value"): (2, "0xc0b4"), ("tanh", "bfloat16", "value"): (0, None)},
}
WITHOUT_LINE = {"affine", "scaled_tanh", "swiglu"}
"""Activations of ONNX that are no operators of one input."""


def audited(*words):
    """Return the rows of an audit by function, dtype and kind."""
    command = [sys.executable, "-P", "-m", "actcli", "audit", *words, "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return rows_of(json.loads(run.stdout))


@pytest.mark.parametrize(("framework", "version"), [("torch", "2.13.0"), ("jax", "0.10.2")])
def test_facts_come_out(framework, version):
    """Of the versions that they were measured on."""
    if not pytest.importorskip(framework).__version__.startswith(version):
        pytest.skip(f"the facts are of {framework} {version}")
    functions = dict.fromkeys(function for function, _, _ in FACTS[framework])
    rows = audited(framework, "--functions", ",".join(functions), "--dtypes", "float16,bfloat16")
    for key, (steps, bits) in FACTS[framework].items():
        normal = rows[key]["report"]["classes"]["normal"]
        worst = normal["worst"][0]["input_bits"] if normal["worst"] else None
        assert (normal["steps"], bits if bits is ... else worst) == (steps, bits), key


def test_the_exact_gelu_of_jax():
    """Its default, which an audit calls, is the approximation."""
    if pytest.importorskip("jax").__version__ != "0.10.2":
        pytest.skip("the fact is of jax 0.10.2")
    from actcli.numerics.dtypes import FORMATS
    from actcli.referee.check import Plan, run_check
    from actcli.referee.inputs import choose_inputs
    from actcli.referee.kernel import KernelOptions
    from actcli.referee.truth import Truth

    format = FORMATS["bfloat16"]
    truth = Truth(actcli.get("gelu")(), format, format)
    options = KernelOptions(format, format, with_={"approximate": "False"})
    report = run_check("jax.nn:gelu", Plan(truth, choose_inputs(None, truth)), options)
    normal = next(each for each in report.classes if each.name == "normal")
    assert (normal.steps, normal.worst[0].x.bits) == (320, "0xc151")


@pytest.mark.parametrize("framework", ["torch", "jax", "keras", "onnxruntime"])
def test_every_line_of_code_runs_in_float32(framework):
    """But for those of ONNX that name an activation within another operator, or take two inputs."""
    pytest.importorskip(framework)
    rows = audited(framework, "--dtypes", "float32", "--inputs", "strata:1")
    reasons = {function: row["reason"] for (function, _, _), row in rows.items() if row["reason"]}
    assert set(reasons) <= (WITHOUT_LINE if framework == "onnxruntime" else set()), reasons
