"""The activations, one class each; importing a family registers them, in the order of every list."""

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
