"""``GET metrics``: the server's numbers as Prometheus reads them (text format 0.0.4).

The parts count for themselves, in plain numbers. Each answer asks them once and hands what they said to
``prometheus_client`` in a registry of its own, so that two servers in one process share nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from tornado import web

from ..live.counts import BUCKETS, Histogram
from .base import PlantHandler

HELP = {
    "sessions": "Live connections to documents.",
    "documents": "Documents that are open on this server.",
    "frames_total": "Frames received from clients.",
    "updates_total": "Updates accepted from clients.",
    "outbox_drops_total": "Times that a client read so slowly that its queue was dropped for one difference.",
    "durable_seconds": "Time from accepting an update until it was durable (one at a time per document).",
    "journal_up": "Whether updates become durable just now.",
    "pending_bytes": "Bytes of memory of edits that wait to be written.",
    "stream_entries": "Entries in the Redis streams of the documents that are open on this server.",
    "remembered_entries": "Entries that this server remembers because the store may not have them yet.",
    "recoveries_total": "Times that a document's stream was read again because something was missed.",
    "refilled_entries_total": "Entries that Redis had lost and this server appended again.",
    "compaction_marked": "Documents marked for compaction, of the whole cluster.",
    "compaction_lag_seconds": "For how long the document that waits longest has been due.",
    "compaction_passes_total": "Passes of this server's compactor that moved something.",
    "compaction_failures_total": "Rounds of this server's compactor that failed.",
    "compaction_entries_total": "Entries that this server's compactor moved.",
    "compaction_rows_total": "Rows of history that they became.",
    "compaction_read_bytes_total": "Bytes of those entries.",
    "compaction_written_bytes_total": "Bytes of those rows.",
    "drawings_waiting": "Pictures that wait to be drawn.",
    "drawings_total": "Pictures that were drawn.",
    "drawings_known_total": "Pictures that were asked for and needed no drawing of their own.",
    "drawings_shared_total": "Pictures that another server of the cluster had drawn.",
    "drawing_failures_total": "Drawings that failed, also for errors in the text.",
    "drawing_timeouts_total": "Drawings that were stopped after render_timeout.",
    "drawing_seconds_total": "Seconds spent on drawing.",
}


class MetricsHandler(PlantHandler):
    """``metrics``."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with all numbers; those of Redis are left out while it is away."""
        live, counts = self.services.live.documents(), self.services.live.counts
        numbers: dict[str, float] = {
            "sessions": sum(len(document.sessions) for document in live),
            "documents": len(live),
            "frames_total": counts.frames,
            "updates_total": counts.updates,
            "outbox_drops_total": counts.fallen_behind,
            "journal_up": self.services.journal.outage is None,
            **self.services.renderer.numbers(),
            **await self.services.journal.numbers(),
        }
        if self.services.compactor is not None:
            numbers |= await self.services.compactor.numbers()
        metrics = [*_numbers(numbers), _histogram("durable_seconds", counts.durable_after)]
        registry = CollectorRegistry()
        registry.register(_Collected(metrics))
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(generate_latest(registry))


class _Collected(Collector):
    """What was collected already: asking Redis waits, and a collector cannot."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _numbers(numbers: Mapping[str, float]) -> Iterator[Metric]:
    for name, value in numbers.items():
        family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        yield family(f"plant_together_{name}", HELP[name], value)


def _histogram(name: str, histogram: Histogram) -> Metric:
    bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(f"plant_together_{name}", HELP[name], buckets, histogram.total)
