"""Formats that are not read, with what to do: pickles, which run code when they are loaded, HDF5 and Zarr."""

_TORCH = (
    "a PyTorch file, a pickle that can run code when it is loaded; save its tensors as safetensors, in Python: "
    "safetensors.torch.save_file(torch.load({name}, weights_only=True), 'out.safetensors')"
)
_PICKLE = (
    "a pickle, which can run code when it is loaded; if you trust it, save its array as .npy, in Python: "
    "numpy.save('out.npy', pickle.load(open({name}, 'rb')))"
)
_HDF5 = (
    "an HDF5 file, which cannot be read; save a data set as .npy, in Python: "
    "numpy.save('out.npy', h5py.File({name})['NAME'][()])"
)
_ZARR = (
    "a Zarr store, which cannot be read; save an array as .npy, in Python: "
    "numpy.save('out.npy', zarr.open({name})['NAME'][:])"
)
_BY_ENDING = {".pt": _TORCH, ".pth": _TORCH, ".ckpt": _TORCH, ".pkl": _PICKLE, ".pickle": _PICKLE}
_BY_ENDING |= {".h5": _HDF5, ".hdf5": _HDF5, ".zarr": _ZARR}
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_TORCH_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # the pickled number that older files begin with
_PICKLE_MAGIC = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
MAGIC = (_HDF5_MAGIC, *_PICKLE_MAGIC)
"""First bytes of such data."""


def explain_ending(ending: str, name: str) -> str | None:
    """Return what a file with that ending is, and what to do; None if it may be read."""
    return _fill(_BY_ENDING[ending], name) if ending in _BY_ENDING else None


def explain_start(start: bytes, name: str) -> str | None:
    """Return what data that begin so are, and what to do; None if they may be read."""
    text = _HDF5 if start.startswith(_HDF5_MAGIC) else _PICKLE if start.startswith(_PICKLE_MAGIC) else None
    if start.startswith(_TORCH_MAGIC):
        text = _TORCH
    return text and _fill(text, name)


def explain_member(member: bytes, name: str) -> str | None:
    """Return what a zip archive is whose first file has that name, and what to do; None if it is any other."""
    return _fill(_TORCH, name) if member.endswith(b"data.pkl") else None


def _fill(text: str, name: str) -> str:
    return text.format(name=repr("FILE" if name == "standard input" else name))
