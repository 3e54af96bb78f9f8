"""The evidence in tests/evidence is whole, keeps what the program promises, and knows which code it speaks of."""

import json

import pytest

import actcli
from actcli.registry import registered
from tests.activations import IDS
from tests.reference import evidence, fingerprint, measure_errors, regenerate, sweep_float32
from tests.reference.sweep_float32 import KINDS

ACTIVATIONS = list(registered())
LIMITS = {evidence.FLOAT32: 0.5, evidence.FLOAT64: 0.5, evidence.AXIS: 0.501}


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_every_check_but_the_sweep_was_made(activation):
    """The sweep of all float32 inputs may come later; until then the page says that it is missing."""
    missing = set(evidence.checks_of(activation)) - set(evidence.read(activation.name))
    assert missing <= {evidence.SWEEP}, f"run python tests/reference/regenerate.py {activation.name}"


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_the_evidence_keeps_the_promises(activation):
    """No result is wrong, and no error is larger than the program's limit."""
    for check, results in evidence.read(activation.name).items():
        if check != evidence.OTHERS:
            assert regenerate.count_wrong(results) == 0
            errors = [results[kind]["error"][0] for kind in KINDS if "error" in results.get(kind, {})]
            assert all(error <= LIMITS[check] for error in errors)


def test_there_is_evidence_for_the_functions_and_cases_of_today_only():
    """No file is left over, and every case in a small format was tried."""
    assert {path.stem for path in evidence.FOLDER.iterdir()} == {*actcli.activations(), evidence.AUDIT}
    small = [evidence.read(activation.name).get(evidence.SMALL, {}) for activation in ACTIVATIONS]
    assert [case for each in small for case in each.get("cases", [])] == list(dict.fromkeys(IDS))


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_all_evidence_is_stamped(activation):
    """With the day, the machine and the versions, and with the code or what is known instead."""
    found = evidence.read(activation.name)
    checks = [results for check, results in found.items() if check != evidence.OTHERS]
    for results in (*checks, *found.get(evidence.OTHERS, {}).values()):
        stamp = results["stamp"]
        assert stamp["date"]
        assert stamp["machine"]
        assert {"python", "numpy", "mpfr", "gmpy2"} <= set(stamp["versions"])
        assert results not in checks or {"code", "published"} & set(stamp)


def test_evidence_older_than_the_code_is_named_with_its_day(monkeypatch):
    """The function whose lines changed, and no other one."""
    now = fingerprint.fingerprint_activation
    fresh = {
        activation.name: {
            check: {"stamp": {"date": "2030-01-02", "code": evidence.code_of(activation, check)}}
            for check in evidence.checks_of(activation)
        }
        for activation in ACTIVATIONS
    }
    monkeypatch.setattr(evidence, "read", fresh.__getitem__)
    assert not list(evidence.find_stale())
    monkeypatch.setattr(
        fingerprint, "fingerprint_activation", lambda activation: now(activation) + "!" * (activation.name == "tanh")
    )
    found = list(evidence.find_stale())
    assert {each.name for each in found} == {"tanh"}
    (stale,) = [each for each in found if each.check == evidence.FLOAT64]
    assert regenerate.show(stale) == "tanh: float64: activation changed, since 2030-01-02"


def test_recorded_evidence_keeps_other_checks_and_packages(monkeypatch, tmp_path):
    """One check, and one package, at a time."""
    monkeypatch.setattr(evidence, "FOLDER", tmp_path)
    evidence.record(
        "relu", evidence.FLOAT64, {"date": "1"}, {"value": {"error": evidence.as_json((float("inf"), 2.0))}}
    )
    evidence.record_others("relu", {"torch": {"value": [1, 2]}, "jax": {"value": [3, 4]}})
    evidence.record("relu", evidence.SWEEP, {"date": "2"}, {"value": {"wrong": 0}})
    evidence.record_others("relu", {"jax": {"value": [5, 6]}})
    assert json.loads((tmp_path / "relu.json").read_text()) == {
        "float32 sweep": {"stamp": {"date": "2"}, "value": {"wrong": 0}},
        "float64": {"stamp": {"date": "1"}, "value": {"error": ["inf", 2.0]}},
        "others in float64": {"torch": {"value": [1, 2]}, "jax": {"value": [5, 6]}},
    }


def test_the_hard_inputs_of_a_sweep_go_to_the_referee(monkeypatch):
    """Both checks are recorded."""
    hard = {"value": [3.0, 5.0], "derivative": [7.0]}

    def sweep(pool, name, kind):
        return {"inputs": 2**32, "undecided": len(hard[kind]), "wrong": 1}, hard[kind]

    def measure(pool, name, kind, inputs):
        return {"inputs": inputs, "wrong": 0}

    monkeypatch.setattr(sweep_float32, "sweep", sweep)
    monkeypatch.setattr(measure_errors, "measure", measure)
    found = regenerate.measure_float32("relu", None, object())
    assert {kind: results["inputs"] for kind, results in found[evidence.FLOAT32].items()} == hard
    assert [results["undecided"] for results in found[evidence.SWEEP].values()] == [2, 1]
    assert regenerate.count_wrong(found[evidence.SWEEP]) == 2


def test_errors_of_others_are_kept_by_package():
    """Each with its stamp."""
    others = {"value": {"torch": [1, 2]}, "derivative": {"torch": [3, 4]}}
    assert regenerate.by_package_and_kind(others, {"torch": {"date": "1"}}) == {
        "torch": {"stamp": {"date": "1"}, "value": [1, 2], "derivative": [3, 4]}
    }


def test_float32_is_measured_without_a_sweep_only_where_none_was(monkeypatch):
    """So that a spread of inputs never takes the place of the hard ones."""
    monkeypatch.setattr(measure_errors, "measure", lambda *task: task)
    assert regenerate.measure_float32("relu", None, None) == {}
    monkeypatch.setattr(evidence, "read", lambda name: {})
    assert set(regenerate.measure_float32("relu", None, None)) == {evidence.FLOAT32}
