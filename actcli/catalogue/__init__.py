"""The activations, one class each; importing a family registers them, in the order of every list."""

from actcli.catalogue import (  # noqa: F401, I001
    linear,
    rectifiers,
    squared_rectifiers,
    thresholds,
    exponentials,
    smooth,
    sigmoids,
    soft_caps,
    hard_sigmoids,
    gated,
    gaussian,
    shrinkage,
    radial,
    periodic,
    along_axis,
    sparse_softmaxes,
    packed,
    swiglu,
)
