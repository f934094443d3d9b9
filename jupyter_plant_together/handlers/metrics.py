"""``GET metrics``: the server's numbers as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    "pending_bytes": "Bytes of edits that wait to be written.",
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
    "drawings_waiting": "Pictures that wait to be drawn.",
    "drawings_total": "Pictures that were drawn.",
    "drawings_known_total": "Pictures that were asked for and needed no drawing of their own.",
    "drawings_shared_total": "Pictures that another server of the cluster had drawn.",
    "drawing_failures_total": "Drawings that failed, also for errors in the text.",
    "drawing_timeouts_total": "Drawings that were stopped after render_timeout.",
    "drawing_seconds_total": "Seconds spent on drawing.",
    "compaction_written_bytes_total": "Bytes of those rows.",
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
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        lines = [*_numbers(numbers), *_histogram("durable_seconds", counts.durable_after)]
        self.finish("\n".join(lines) + "\n")


def _numbers(numbers: Mapping[str, float]) -> Iterable[str]:
    for name, value in numbers.items():
        yield from _head(name, "counter" if name.endswith("_total") else "gauge")
        yield (
            f"plant_together_{name} {float(value):g}" if value < 1e6 else f"plant_together_{name} {value:.0f}"
        )


def _histogram(name: str, histogram: Histogram) -> Iterable[str]:
    yield from _head(name, "histogram")
    seen = 0
    for bound, count in zip((*BUCKETS, "+Inf"), histogram.counts, strict=True):
        seen += count
        yield f'plant_together_{name}_bucket{{le="{bound}"}} {seen}'
    yield f"plant_together_{name}_sum {histogram.total:.6f}"
    yield f"plant_together_{name}_count {seen}"


def _head(name: str, kind: str) -> Iterable[str]:
    yield f"# HELP plant_together_{name} {HELP[name]}"
    yield f"# TYPE plant_together_{name} {kind}"
