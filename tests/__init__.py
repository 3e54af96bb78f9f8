"""The tests, named for the promises they keep."""

from actcli import catalogue  # noqa: F401 - its activations are registered from here on
