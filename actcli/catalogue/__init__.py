"""The activations, one block each; importing a family registers it, in the order that is theirs everywhere."""

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
