"""What ``--fail-over`` checks: the share of a layer's neurons that are dead or stuck."""

from collections.abc import Sequence

from actcli.diagnosis.layer import ENOUGH_ROWS, Layer


def describe_failures(layers: Sequence[Layer], limit: float) -> str:
    """Return which layers have a larger share of dead or stuck neurons than the limit; nothing if none has.

    With too few rows to call a neuron dead, the share is the largest that may be; neurons without a finite number
    count too, as nothing shows that they are alive.
    """
    shares = [(layer, int((layer.silent | layer.flat | (layer.count == 0)).sum())) for layer in layers]
    failed = [(layer, count) for layer, count in shares if count > limit * len(layer.neurons)]
    return "; ".join(_describe(layer, count) for layer, count in failed)


def _describe(layer: Layer, count: int) -> str:
    size = len(layer.neurons)
    dead = "dead or stuck"
    if layer.rows < ENOUGH_ROWS:
        dead = f"silent in all {layer.rows} rows ({ENOUGH_ROWS} are needed to call them dead or stuck)"
    elif not layer.count.all():
        dead = "dead, stuck or without finite numbers"
    return f"{layer.name} has {count} of {size} neurons ({count / size:.1%}) {dead}"
