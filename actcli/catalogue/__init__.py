"""The activations, one block each; the order of the families here is their order everywhere."""

from actcli.catalogue import (  # noqa: F401, I001
    linear,
    rectifiers,
    thresholds,
    exponentials,
    smooth,
    sigmoids,
    hard_sigmoids,
    gated,
    gaussian,
    shrinkage,
    along_axis,
    packed,
)
