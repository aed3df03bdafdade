"""Several requests at a time to a service that answers slowly."""

from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")


def in_parallel(function: Callable[[Item], Value], items: Sequence[Item], workers: int) -> list[Value | Exception]:
    """What the function returns or raises for each item, in order.

    The threads do not keep this process from ending, so that Ctrl-C works whatever they wait for.
    """
    results: dict[int, Value | Exception] = {}
    places = iter(range(len(items)))
    lock = Lock()

    def work() -> None:
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                results[place] = function(items[place])
            except Exception as error:
                results[place] = error

    threads = [Thread(target=work, daemon=True) for _ in range(min(workers, len(items)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[place] for place in range(len(items))]
