"""Settings of the whole suite."""

import pytest
from hypothesis import settings

# Time is for the benchmarks; a test that is slow once on a busy machine is no failure.
settings.register_profile("actcli", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=20_000)  # pytest --hypothesis-profile thorough
settings.load_profile("actcli")


@pytest.fixture(scope="session")
def object_store():
    """Return a store of objects on this machine."""
    from tests.object_store import ObjectStore

    store = ObjectStore()
    yield store
    store.stop()
