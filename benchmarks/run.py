"""``make bench``: this project's server beside two others, in one run, on this machine.

The server has one core, the load generator the other; rate limits are raised; authentication, presence and
durability of this project are on. Each figure is the median of ``--rounds`` interleaved rounds. Ratios hold
on a quiet machine, absolute times move by a third between runs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
from collections.abc import Awaitable, Callable

import scenarios
from servers import CLIENT_CORE, Server, available, running

Scenario = Callable[[Server], Awaitable[scenarios.Figures]]
BUSY = 0.85
ROWS: list[tuple[str, Scenario, list[tuple[str, str, str]]]] = [
    (
        "2 clients, 50/s",
        lambda s: scenarios.latency(s, writers=1, receivers=1, rate=50, seconds=4),
        [("p50", "propagation p50", "µs"), ("p95", "propagation p95", "µs")],
    ),
    (
        "10 writers, one document, 20/s each",
        lambda s: scenarios.latency(s, writers=10, receivers=1, rate=20, seconds=4),
        [("p50", "propagation p50", "µs"), ("p95", "propagation p95", "µs")],
    ),
    (
        "50 receivers, 100/s",
        lambda s: scenarios.latency(s, writers=1, receivers=50, rate=100, seconds=4),
        [("p50", "propagation p50", "µs"), ("cpu", "CPU per delivery", "µs")],
    ),
    (
        "flood of a real trace, 50 receivers",
        lambda s: scenarios.flood(s, receivers=50, updates=5_000),
        [("rate", "deliveries", "/s"), ("cpu", "CPU per delivery", "µs")],
    ),
    (
        "join of a document of 260,000 edits",
        lambda s: scenarios.join(s, at_once=20),
        [("one", "one", "ms"), ("many", "20 at once", "ms")],
    ),
    (
        "memory",
        lambda s: scenarios.memory(s, connections=300, documents=200),
        [("connection", "idle connection", "kB"), ("document", "open small document", "kB")],
    ),
]


def main() -> None:
    """Run everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="a part of a scenario's name")
    parser.add_argument("--no-browser", action="store_true", help="leave out keystroke to picture")
    arguments = parser.parse_args()
    names = available()
    os.sched_setaffinity(0, {CLIENT_CORE})
    rows = [row for row in ROWS if not arguments.only or arguments.only in row[0]]
    results: dict[tuple[str, str], list[scenarios.Figures]] = {}
    for number in range(arguments.rounds if rows else 0):
        for name in names:
            with running(name) as server:
                for title, scenario, _ in rows:
                    print(f"round {number + 1}: {name}: {title}", flush=True)
                    results.setdefault((title, name), []).append(asyncio.run(scenario(server)))
    if rows:
        _print(rows, names, results)
    if not arguments.only or arguments.only in "cluster":
        import cluster  # noqa: PLC0415 - needs Redis and Postgres, and is long

        cluster.report(arguments.rounds)
    if not arguments.only or arguments.only in "history":
        import history  # noqa: PLC0415 - only where it is asked for

        history.report()
    if not arguments.only or arguments.only in "render":
        import render  # noqa: PLC0415 - long, and without the other servers

        render.report()
    if not arguments.no_browser and not arguments.only:
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)))
        import browser  # noqa: PLC0415 - Playwright is needed for this part alone

        browser.report()


def _print(
    rows: list[tuple[str, Scenario, list[tuple[str, str, str]]]],
    names: list[str],
    results: dict[tuple[str, str], list[scenarios.Figures]],
) -> None:
    width = max(len(title) + len(label) for title, _, values in rows for _, label, _ in values) + 8
    print("\n" + " " * width + "".join(f"{name:>20}" for name in names))
    for title, _, values in rows:
        for key, label, unit in values:
            cells = []
            for name in names:
                figures = results[title, name]
                median = statistics.median(figure.values[key] for figure in figures)
                mark = "*" if max(figure.busy for figure in figures) > BUSY else " "
                cells.append(f"{median:>19,.1f}{mark}")
            print(f"{title}, {label} [{unit}]".ljust(width) + "".join(cells))
    print(f"* the generator used over {BUSY:.0%} of its core: the figure is its limit, not the server's.")


if __name__ == "__main__":
    main()
