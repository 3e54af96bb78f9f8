"""The tutorial's digits come out as it prints them."""

import pytest

from actcli.cli import app
from actcli.cli.tutorial import examples, lessons
from tests.command import actcli, output


def test_relu_with_threshold_prints_the_tutorial_array():
    """Negative zeros included."""
    assert output("relu", *["-5", "-8", "0", "3", "9", "--threshold", "7", "--format", "array"]) == (
        "array([-0., -0.,  0.,  0.,  9.], dtype=float32)\n"
    )


def test_sigmoid_prints_the_tutorial_array():
    """Digits and line break as NumPy printed them there."""
    assert output("sigmoid", *["-35", "-5", "0", "6", "25", "--format", "array", "--numerics", "tensorflow2"]) == (
        "array([6.3051174e-16, 6.6929162e-03, 5.0000000e-01, 9.9752736e-01,\n       1.0000000e+00], dtype=float32)\n"
    )


def test_tanh_prints_the_tutorial_array():
    """Digits and line break as NumPy printed them there."""
    assert output("tanh", *["5", "-1", "-5", "6", "3", "--format", "array", "--numerics", "tensorflow2"]) == (
        "array([ 0.99990916, -0.7615942 , -0.99990916,  0.9999876 ,  0.9950547 ],\n      dtype=float32)\n"
    )


def test_plain_prints_the_exact_digits_one_a_line():
    """The correctly rounded values, shortest text."""
    assert output("sigmoid", *["-35", "-5", "0", "6", "25", "--format", "plain"]) == (
        "6.305117e-16\n0.006692851\n0.5\n0.99752736\n1.0\n"
    )


def test_table_matches_the_tutorial_when_the_exact_numbers_differ():
    """TensorFlow's numbers stand in a third column unless they are the same or unwanted."""
    words = ["sigmoid", "-35", "-5", "0", "6", "25"]
    table = output(*words)
    assert "TF 2.4 (tutorial)" in table
    assert "6.3051174e-16" in table
    assert "6.6929162e-03" in table
    assert "TF 2.4 (tutorial)" not in output(*words, "--no-tutorial-column")
    assert "TF 2.4 (tutorial)" not in output("relu", "-5", "3")
    assert "TF 2.4 (tutorial)" not in output(*words, "--dtype", "float64")


def test_check_prints_every_example_with_its_mark():
    """In the tutorial's order; softmax, of which the tutorial lost the example, has none."""
    text = output("tutorial", "--check")
    places = [line[:6] for line in text.splitlines() if line.startswith("In [")]
    assert places == ["In [2]"] * 4 + ["In [3]", "In [4]", "In [5]"]
    assert text.count("[ok] bit-identical to the tutorial\n") == 3
    assert text.count("[ok] bit-identical to TensorFlow 2.4.1") == 3
    assert "(no mark: the tutorial's example of softmax is lost; this one is ours)" in text
    assert text.endswith("\n6 of 6 examples bit-identical.\n")


MARKED = [example for example in examples.EXAMPLES if example.printed]


@pytest.mark.parametrize("example", MARKED, ids=lambda example: example.call)
def test_a_mark_is_computed_from_what_the_command_prints(example):
    """With a digit of the expected numbers changed, it says so."""
    wrong = example.printed.replace("0", "1", 1)
    assert examples.Shell().compare(example).mark.holds
    mark = examples.Shell().compare(example._replace(printed=wrong)).mark
    assert not mark.holds
    assert mark.text == f"[DIFFERENT] expected from {example.origin}: {wrong}"


def test_a_mark_sees_the_sign_of_zero():
    """Equal numbers are not enough."""
    example = next(example for example in MARKED if example.printed.startswith("-0."))
    assert not examples.Shell().compare(example._replace(printed="0. -0. 0. 0. 9.")).mark.holds


def test_a_bit_that_differs_is_exit_status_1(monkeypatch, capsys, tmp_path):
    """For a script that only checks, for a lesson, and for a page."""
    wrong = examples.EXAMPLES[0]._replace(printed="0 0 0 3 8")
    monkeypatch.setattr(examples, "EXAMPLES", (wrong,))
    monkeypatch.setattr(lessons, "EXAMPLES", (wrong,))
    page = tmp_path / "page.html"
    for words in (["--check"], ["relu"], ["relu", "--output", str(page)]):
        assert app.run(["tutorial", *words]) == 1
    assert capsys.readouterr().out.count("[DIFFERENT]") == 2
    assert '<p class="mark different">[DIFFERENT]' in page.read_text()


def test_tensorflow2_numerics_are_refused_where_they_are_not_known():
    """A function, a dtype and a derivative outside the tutorial's are errors that say so."""
    for words, named in (
        (["softmax", "1", "2"], "not for softmax"),
        (["tanh", "1", "--dtype", "float64"], "not for float64"),
        (["tanh", "1", "--derivative"], "values only"),
    ):
        run = actcli(*words, "--numerics", "tensorflow2")
        assert run.returncode == 2
        assert named in run.stderr
