"""Formats that are not read: recognised by ending and by first bytes, never loaded, with what to do."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from tests.command import complaint, output

TORCH = (
    "a PyTorch file, a pickle that can run code when it is loaded; save its tensors as safetensors, in Python: "
    "safetensors.torch.save_file(torch.load('{}', weights_only=True), 'out.safetensors')"
)
PICKLE = (
    "a pickle, which can run code when it is loaded; if you trust it, save its array as .npy, in Python: "
    "numpy.save('out.npy', pickle.load(open('{}', 'rb')))"
)
HDF5 = (
    "an HDF5 file, which cannot be read; save a data set as .npy, in Python: "
    "numpy.save('out.npy', h5py.File('{}')['NAME'][()])"
)
ZARR = (
    "a Zarr store, which cannot be read; save an array as .npy, in Python: "
    "numpy.save('out.npy', zarr.open('{}')['NAME'][:])"
)


class Hostile:
    """What runs a command when it is unpickled."""

    def __reduce__(self):
        """Tell pickle to make a folder."""
        return os.mkdir, ("loaded",)


def torch_archive() -> bytes:
    """Return an archive as torch.save writes it: a pickle, then the bytes of the tensors."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(Hostile(), protocol=2))
        archive.writestr("model/data/0", bytes(8))
    return out.getvalue()


LEGACY = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + pickle.dumps(Hostile(), protocol=2)  # as torch < 1.6 has it


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("m.pt", TORCH),
        ("m.PTH", TORCH),
        ("last.ckpt", TORCH),
        ("a.pkl", PICKLE),
        ("a.pickle", PICKLE),
        ("a.pkl.gz", PICKLE),
        ("a.h5", HDF5),
        ("a.hdf5", HDF5),
        ("a.zarr", ZARR),
        ("a.zarr/", ZARR),
    ],
)
def test_an_ending_is_refused_with_what_to_do(name, expected, tmp_path):
    """Whatever the file holds, unless its format is named."""
    if "zarr" in name:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text("x\n-1\n")
        assert (
            output("relu", name, "--from", "csv", "--to", "csv", cwd=tmp_path).startswith("x,x_relu\n") or ".gz" in name
        )
    many = ["relu", name, "--output-dir", "out"] if "zarr" in name else ["relu", name]
    for words in (["relu", name], many, ["diagnose", "relu", name], ["compare", "relu", "tanh", name]):
        assert complaint(*words, cwd=tmp_path) == f"{name} is {expected.format(name)}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (torch_archive(), TORCH),
        (LEGACY, TORCH),
        *((pickle.dumps(Hostile(), protocol=protocol), PICKLE) for protocol in range(2, 6)),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), HDF5),
    ],
)
def test_first_bytes_are_refused_with_what_to_do(data, expected, tmp_path):
    """Under any name, such as pytorch_model.bin, and from a pipe; nothing is unpickled."""
    (tmp_path / "pytorch_model.bin").write_bytes(data)
    message = complaint("relu", "pytorch_model.bin", cwd=tmp_path)
    assert message == f"pytorch_model.bin is {expected.format('pytorch_model.bin')}"
    assert complaint("relu", stdin=data, cwd=tmp_path) == f"standard input is {expected.format('FILE')}"
    assert os.listdir(tmp_path) == ["pytorch_model.bin"]


def test_the_remedy_for_a_pickle_works(tmp_path):
    """As it is typed, apart from the import."""
    x = np.array([-1.5, 2])
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(x))
    code = complaint("relu", "x.pkl", cwd=tmp_path).partition("in Python: ")[2]
    folder = os.getcwd()
    try:
        os.chdir(tmp_path)
        with open("x.pkl", "rb") as file:
            eval(code, {"numpy": np, "pickle": pickle, "open": lambda *_: file})
    finally:
        os.chdir(folder)
    assert output("relu", "out.npy", "--to", "csv", "--only", cwd=tmp_path) == "x_relu\n0.0\n2.0\n"
