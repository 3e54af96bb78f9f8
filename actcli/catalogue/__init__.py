"""The activations, one block each; their order here is their order everywhere."""

from actcli.catalogue import rectifiers, sigmoids, along_axis  # noqa: F401, I001  the order is the catalogue's
