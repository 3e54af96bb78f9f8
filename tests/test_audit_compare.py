"""What ``audit --compare`` says of an upgrade, against files made by hand."""

import json

import pytest

from actcli.errors import ActcliError
from actcli.referee.upgrade import compare_rows
from tests.made_up_frameworks import audited, run_audit, write_frameworks

WORDS = ("jax", "--functions", "linear,relu", "--dtypes", "bfloat16", "--kinds", "value")


def row(function, *, faults=(), reason=None, inputs="all inputs", framework="jax", **found):
    """Return a row of an audit in JSON, as far as it is compared: steps and wrong results of its classes."""
    normal, wrong, special = (found.get(name, 0) for name in ("normal", "wrong", "special"))
    steps = {"normal": normal, "subnormal": 0, "special": 0, "kink": 0}
    counts = {"normal": wrong, "subnormal": 0, "special": special, "kink": 0}
    report = {
        "inputs": inputs,
        "classes": {name: {"steps": steps[name], "wrong": counts[name]} for name in steps},
        "faults": [{"description": name, "count": count} for name, count in faults],
    }
    key = {"framework": framework, "function": function, "dtype": "bfloat16", "kind": "value"}
    return {**key, "reason": reason, "report": None if reason else report}


@pytest.fixture(name="folder")
def folder_with_a_framework(tmp_path):
    """Return a folder with a made-up JAX."""
    write_frameworks(tmp_path, "jax")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "kind", "what"),
    [
        ([row("relu", normal=1, wrong=3)], [row("relu", normal=2, wrong=3)], "worse", "normal steps 1 -> 2"),
        ([row("relu", normal=2, wrong=3)], [row("relu", normal=1, wrong=3)], "better", "normal steps 2 -> 1"),
        ([row("relu", normal=1, wrong=3)], [row("relu", normal=1, wrong=4)], "worse", "not exact 3 -> 4"),
        ([row("relu", special=1)], [row("relu")], "better", "special wrong 1 -> 0, not exact 1 -> 0"),
        ([row("relu")], [row("relu", faults=[("wrong sign", 7)])], "worse", "wrong sign 0 -> 7"),
        (
            [row("relu", normal=5, wrong=2)],
            [row("relu", normal=1, wrong=3)],
            "worse",
            "normal steps 5 -> 1, not exact 2 -> 3",
        ),
        ([], [row("relu")], "new", "had no row"),
        ([row("relu", reason="raised")], [row("relu")], "new", "raised"),
        ([row("relu")], [row("relu", reason="raised TypeError")], "gone", "raised TypeError"),
        ([row("relu")], [], "gone", "has no row any more"),
    ],
)
def test_a_change_is_named(old, new, kind, what):
    """Worse, if anything of a row is; better, new or gone otherwise."""
    (change,) = compare_rows(old, new, {})
    assert (change.kind, change.what) == (kind, what)
    assert change.is_bad == (kind in {"worse", "gone"})


def test_what_is_the_same_is_no_change():
    """Nor is a row without result that had none, and one that was not to be audited again."""
    assert compare_rows([row("relu", normal=3)], [row("relu", normal=3)], {}) == []
    assert compare_rows([row("relu", reason="a")], [row("relu", reason="b")], {}) == []
    assert compare_rows([row("relu", framework="torch")], [], {"framework": ["jax"]}) == []


def test_results_for_other_inputs_are_not_compared():
    """The error says what to do."""
    with pytest.raises(ActcliError, match="was audited on strata:4, seed 0, now on all inputs; give the same --inputs"):
        compare_rows([row("relu", inputs="strata:4, seed 0")], [row("relu")], {})


def test_an_audit_is_compared_with_itself(folder):
    """Nothing changed, status 0; it says how much that is."""
    (folder / "old.json").write_text(run_audit(folder, *WORDS, "--format", "json").stdout)
    run = run_audit(folder, *WORDS, "--compare", "old.json")
    assert (run.returncode, run.stderr) == (0, "")
    assert "0 worse, 0 gone, 0 better, 0 new, 2 unchanged" in run.stdout


def test_what_is_worse_or_gone_makes_the_status_1(folder):
    """In every format; only what was chosen is expected to be there."""
    old = [row("linear"), row("relu", wrong=200, normal=9), row("celu")]
    (folder / "old.json").write_text(json.dumps({"rows": old}))
    document = audited(folder, *WORDS, "--compare", "old.json", status=1)
    changes = [(each["change"], each["function"], each["what"]) for each in document["changes"]]
    assert changes == [
        ("worse", "linear", "normal steps 0 -> 1, not exact 0 -> 1"),
        ("worse", "relu", "normal steps 9 -> 0, subnormal steps 0 -> 127, not exact 200 -> 127"),
    ]
    run = run_audit(folder, *WORDS, "--compare", "old.json", "--format", "csv")
    assert run.returncode == 1
    assert run.stdout.splitlines()[1] == 'worse,jax,linear,bfloat16,value,"normal steps 0 -> 1, not exact 0 -> 1"'
    assert run.stderr == (
        "actcli: 2 worse, 0 gone since the earlier audit; the first: jax linear bfloat16 value: "
        "normal steps 0 -> 1, not exact 0 -> 1\n"
    )
    run = run_audit(folder, "jax", "--dtypes", "bfloat16", "--kinds", "value", "--compare", "old.json")
    assert run.returncode == 1
    assert "gone" in run.stdout
    assert "no attribute 'celu'" in run.stdout


def test_what_is_better_or_new_keeps_the_status_0(folder):
    """And is shown."""
    old = [row("linear", normal=4, wrong=1)]
    (folder / "old.json").write_text(json.dumps({"rows": old}))
    run = run_audit(folder, *WORDS, "--compare", "old.json")
    assert (run.returncode, run.stderr) == (0, "")
    assert "0 worse, 0 gone, 1 better, 1 new, 0 unchanged" in run.stdout
    run = run_audit(folder, *WORDS, "--compare", "none.json")
    assert (run.returncode, run.stderr) == (3, "actcli: cannot read none.json: No such file or directory\n")
