"""The process: ``actcli`` and ``python -m actcli`` start here, with what has to be set before anything is imported."""

import gc
import os

from actcli import signals

signals.end_quietly()  # here rather than in main, which a script calls a moment later


def main() -> None:
    """Run the command line; a call with a few numbers is over in the time that its imports take."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no linear algebra here: spare the start of a thread pool
    # The allocator of polars, jemalloc, leaves freed memory to whoever wants it: until then, it counts as used.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
    # The allocators that pyarrow brings along keep freed memory; the system's gets large blocks back at once.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    gc.disable()  # imports make no garbage; on again before a file of any size is read
    from actcli.cli.app import main

    main()


if __name__ == "__main__":
    main()
