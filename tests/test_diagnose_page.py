"""What is published of diagnose is what it says, and what the networks give."""

import io
import re

import numpy as np

from tests.reference import write_diagnoses


def test_the_page_shows_what_the_commands_print():
    """Word for word, from the sample inputs as they are."""
    text = write_diagnoses.PAGE.read_text()
    blocks = re.findall(r"(?ms)^```console\n.*?^```", text)
    assert len(blocks) == 5
    for block in blocks:
        assert write_diagnoses.rerun(block.removeprefix("```console\n").removesuffix("```")) == block


def test_the_page_shows_what_the_networks_give():
    """To the digits that do not depend on the machine."""
    fresh, published = (re.sub(r"[\d.]+(e[-+]\d+)?", "0", text) for text in texts())
    assert fresh == published


def texts() -> tuple[str, str]:
    """Return the page as it should be, and as it is."""
    return write_diagnoses.page(), write_diagnoses.PAGE.read_text()


def numbers(content: bytes) -> dict[str, np.ndarray]:
    """Return the columns of a file."""
    if content.startswith(b"\x93NUMPY"):
        return {str(i): column for i, column in enumerate(np.load(io.BytesIO(content)).T)}
    names, *rows = (line.split(",") for line in content.decode().splitlines())
    return dict(zip(names, np.array(rows, float).T, strict=True))


def test_the_sample_inputs_are_those_of_the_networks():
    """Within rounding, but for the network whose training is chaotic."""
    for name, content in write_diagnoses.samples().items():
        fresh, published = numbers(content), numbers((write_diagnoses.SAMPLES / name).read_bytes())
        assert list(fresh) == list(published)
        for column, values in fresh.items():
            if column != "relu_layer3_high_rate":
                np.testing.assert_allclose(published[column], values, atol=2e-3, err_msg=f"{name}, {column}")
