"""Work on several cores, in order and with flat memory."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_thread = threading.local()
_MOST_WORKERS = 4  # one more than cores, as each waits at times for polars' own threads


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(function: Callable[[Item], Result], items: Iterator[Item], workers: int | None = None) -> Iterator[Result]:
    """Yield the function of each item, each as soon as it and those before it are done.

    Items are drawn on one thread and worked on by others, while the results are used here: reading, computing and
    writing overlap. Only a few items are under way at a time. An item that never comes holds nothing back. Raises
    what drawing or the function raises, in its place. On one of these threads, where the cores are busy already, all is
    done in turn.

    Args:
        function: what is done.
        items: what it is done with.
        workers: how many threads there are; None for what keeps all cores busy.

    """
    items = iter(items)
    if getattr(_thread, "is_one_of_several", False):
        yield from map(function, items)
        return
    for item in itertools.islice(items, 1):
        yield function(item)
    for second in itertools.islice(items, 1):  # only now threads pay
        yield from _map_threaded(function, itertools.chain([second], items), workers or min(cores() + 1, _MOST_WORKERS))


def _map_threaded(function: Callable[[Item], Result], items: Iterator[Item], workers: int) -> Iterator[Result]:
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue
    from threading import Semaphore, Thread

    under_way: SimpleQueue[Callable[[], Result] | None] = SimpleQueue()
    free = Semaphore(workers + 2)
    pool = ThreadPoolExecutor(workers, initializer=lambda: setattr(_thread, "is_one_of_several", True))
    stopped = False

    def draw() -> None:
        try:
            for item in items:
                free.acquire()
                if stopped:
                    return
                under_way.put(pool.submit(function, item).result)
            under_way.put(None)
        except BaseException as error:
            under_way.put(_raising(error))

    Thread(target=draw, daemon=True).start()
    try:
        while result := under_way.get():
            yield result()
            free.release()
    finally:
        stopped = True
        free.release()
        pool.shutdown(wait=False, cancel_futures=True)


def _raising(error: BaseException) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise error

    return fail
