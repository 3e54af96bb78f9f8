"""Settings of the whole suite."""

from hypothesis import settings

# Time is for the benchmarks; a test that is slow once on a busy machine is no failure.
settings.register_profile("actcli", deadline=None)
settings.load_profile("actcli")
