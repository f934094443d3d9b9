"""One live connection of one user to one document: what comes in is checked here, before anybody sees it.

Every frame is parsed, weighed and walked at the door (PROTOCOL S4, A3); an accepted update is handed to the
document, which relays and journals it. Counted frames (A1) queue with the ticket under which the journal
makes them durable; one ``ack`` tells the highest that is, and a client that knows no acks gets receipts (A9).
What goes out goes through :mod:`.outbox`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any, Protocol

from ..errors import (
    AccessDenied,
    ClientIdTaken,
    EpochMismatch,
    LimitExceeded,
    Malformed,
    PlantTogetherError,
)
from ..ids import new_session_id
from ..limits import Limits
from ..store.port import Document
from ..yjs.receipt import receipt, receipt_up_to
from ..yjs.sync import (
    EMPTY_UPDATE,
    STEP1,
    STEP2,
    UPDATE,
    Awareness,
    Control,
    QueryAwareness,
    Sync,
    awareness,
    control,
    parse,
    parse_state_vector,
    sync,
    websocket_frame,
)
from ..yjs.update import UpdateMeta, decode_meta
from .durability import Durability
from .outbox import Outbox
from .port import CatchUpSource, Connection, Participant

_LOG = logging.getLogger("jupyter_plant_together.live")
_SILENCE = 15.0  # seconds
_NOBODY = websocket_frame(awareness(()))  # presence of nobody: the least that a stock client understands
_STEP1_AT_LEAST = 65_536  # bytes of a state vector that anybody may send
# What a frame costs beyond what counts as one message (A4): a walk over so much takes as long.
_STEP1_BYTES, _PRESENCE_ENTRIES, _CONTROL_BYTES = 1_024, 64, 4_096
_INSPECT_ON_THREAD = 20_000  # bytes; a walk over more takes longer than the loop should stand still


class SessionDocument(CatchUpSource, Protocol):
    """A live document, seen from its sessions."""

    @property
    def info(self) -> Document:
        """Its ids, names and epoch."""
        ...

    @property
    def durability(self) -> Durability:
        """How far it is durable."""
        ...

    @property
    def far_behind(self) -> bool:
        """Whether so much waits to be applied that nobody should be made to wait for it in one piece."""
        ...

    async def catch_up(self) -> None:
        """Apply all that waits by now, in slices."""
        ...

    def soon(self, callback: Callable[[], None], /) -> None:
        """Call back once at the end of this loop tick."""
        ...

    def run(self, work: Coroutine[Any, Any, None], /) -> asyncio.Task[None]:
        """Run something that nobody awaits."""
        ...

    def leave(self, session: Session, /) -> None:
        """Remove a session."""
        ...

    def refuse_retired(self, clients: Iterable[int], /) -> None:
        """Raise EpochMismatch if one of the client ids is of a replaced history."""
        ...

    def maybe_duplicate(self, meta: UpdateMeta, /) -> bool:
        """Whether an update looks like a repetition."""
        ...

    def may_lack(self, meta: UpdateMeta, /) -> bool:
        """Whether something that an update stands on may be missing."""
        ...

    def brings_anything(self, meta: UpdateMeta, /) -> bool:
        """Whether an update would change anything."""
        ...

    def question(self, session: Session, vector: Mapping[int, int], /) -> bytes | None:
        """Return the state vector that a newcomer is asked with about ids that others have."""
        ...

    def accept(self, session: Session, update: bytes, meta: UpdateMeta, /) -> int:
        """Relay and journal an update; returns its ticket."""
        ...

    def merge(self, session: Session, update: bytes, meta: UpdateMeta, /) -> int | None:
        """Accept an update if it brings anything."""
        ...


class Session:
    """A session (see the module's text).

    Parameters
    ----------
    document
        The live document.
    connection
        Where frames go.
    participant
        Who this is.
    role
        ``owner``, ``editor`` or ``viewer``.
    wants_control
        Whether the client asked for control messages.
    wants_receipts
        Whether it gets its own ids back when they are durable.
    thread
        Where large updates are walked.
    """

    def __init__(
        self,
        document: SessionDocument,
        connection: Connection,
        participant: Participant,
        *,
        role: str,
        wants_control: bool,
        wants_receipts: bool,
        thread: Executor,
        limits: Limits,
    ) -> None:
        self.id = new_session_id()
        self.participant = participant
        self.role = role
        self.frozen = False
        self.joined_at = time.monotonic()
        self._document = document
        self._connection = connection
        self._wants_control = wants_control
        self._wants_receipts = wants_receipts and not wants_control
        self._receipts: deque[tuple[int, bytes]] = deque()  # (ticket, receipt)
        self._thread = thread
        self._limits = limits
        self._counted = 0
        self._forked: ClientIdTaken | None = None
        self._questions = 1  # step 1s that were sent: the greeting's, and one about client ids (A11)
        self._answers = 0
        self._unacked: deque[tuple[int, int]] = deque()  # (count, ticket)
        self._allowance = float(limits.message_burst)
        self._allowed_at = time.monotonic()
        self._spoke_at = time.monotonic()
        self.outbox = Outbox(connection, document, self._caught_up)
        self.deliver = self.outbox.broadcast  # on the hot path
        self._pending_sync_request: bytes | None = None  # the step 1 to answer when the peer reads again
        self.closed = False

    @property
    def room(self) -> str:
        """The id of the room that the document is in."""
        return self._document.info.room_id

    # --- from the peer -------------------------------------------------------------------------------

    def receive(self, data: bytes) -> Awaitable[None] | None:
        """Handle one frame; an awaitable means: read no more from this peer until it is done (A4)."""
        if self.closed:
            return None
        try:
            waiting, cost = self._receive(data)
        except PlantTogetherError as error:
            self.end(error)
            return None
        pause = self._pause(1 + cost)
        if waiting is not None:
            return self._later(waiting, pause)
        return asyncio.sleep(pause) if pause > 0 else None

    def _receive(self, data: bytes) -> tuple[Awaitable[None] | None, int]:
        """Handle one frame; returns what to wait for, and what the frame cost beyond one message."""
        presence = self._document.presence
        match parse(data, bounded=True, own=presence.owned_by(self)):
            case Sync(step=step, payload=payload) if step == STEP1:
                return self._answer(payload), len(payload) // _STEP1_BYTES
            case Sync() as message:
                return self._receive_update(message), 0
            case Awareness(entries=entries, left_out=left_out):
                presence.receive(self, self.participant.subject, self.participant.stamp(), entries)
                return None, (len(entries) + left_out) // _PRESENCE_ENTRIES
            case QueryAwareness():
                self.outbox.send_presence()
            case Control():
                return None, len(data) // _CONTROL_BYTES
        return None, 0

    def _answer(self, vector: bytes) -> Awaitable[None] | None:
        """Answer a sync step 1 with exactly the difference; wait first if much must be applied (S5)."""
        # Honest ones name the clients of this document, and their own (PROTOCOL I6).
        if len(vector) > _STEP1_AT_LEAST and len(vector) > 2 * len(self._document.vector()):
            raise LimitExceeded("The state vector names more clients than this document ever had.")
        self._document.refuse_retired(parse_state_vector(vector))
        if self._document.far_behind:
            return self._answer_later(vector)
        self._answer_now(vector)
        return None

    async def _answer_later(self, vector: bytes) -> None:
        await self._document.catch_up()
        if not self.closed:
            self._answer_now(vector)

    def _answer_now(self, vector: bytes) -> None:
        if self.outbox.behind:  # one answer is enough however often a peer asks that does not read
            self._pending_sync_request = vector
            return
        try:
            missing = self._document.snapshot(vector)
        except ValueError:
            raise Malformed("A state vector cannot be read.") from None
        self.outbox.send(sync(STEP2, missing))
        self._ask(vector)
        if self._wants_receipts:
            self._owe_receipt(None, receipt_up_to(self._known_to_both(vector)))

    def _known_to_both(self, vector: bytes) -> dict[int, int]:
        theirs = parse_state_vector(vector)
        ours = parse_state_vector(self._document.vector()) if theirs else {}
        return {client: min(clock, ours[client]) for client, clock in theirs.items() if client in ours}

    def _ask(self, vector: bytes) -> None:
        """Ask a peer that comes back about client ids that others write under.

        Until it has answered nothing of it is taken or acknowledged: the answer holds all of it once more.
        """
        if self._questions == 1 and self.role != "viewer":
            question = self._document.question(self, parse_state_vector(vector))
            if question is not None:
                self._questions = 2
                self.outbox.send(sync(STEP1, question))

    def _receive_update(self, message: Sync) -> Awaitable[None] | None:
        self._counted += 1
        update = message.payload
        limit = "max_update_size" if message.step == UPDATE else "max_document_size"
        if len(update) > getattr(self._limits, limit):
            raise self._limits.exceeded(limit, "One update")
        if len(update) > _INSPECT_ON_THREAD:
            return self._take_large(message.step, update)
        meta = decode_meta(update)
        if self._document.far_behind and self._must_ask(message.step, meta):
            return self._take_behind(message.step, update, meta)
        self._take(message.step, update, meta)
        return None

    async def _take_large(self, step: int, update: bytes) -> None:
        meta = await asyncio.get_running_loop().run_in_executor(self._thread, decode_meta, update)
        await self._take_behind(step, update, meta)

    async def _take_behind(self, step: int, update: bytes, meta: UpdateMeta) -> None:
        if self._must_ask(step, meta):
            await self._document.catch_up()
        if not self.closed:
            self._take(step, update, meta)

    @property
    def _unanswered(self) -> bool:
        return self._questions > 1 and self._answers < self._questions

    def _must_ask(self, step: int, meta: UpdateMeta) -> bool:
        """Whether only the Doc can tell: a step 2, what looks like an echo, what may have to wait."""
        document = self._document
        return step == STEP2 or document.maybe_duplicate(meta) or document.may_lack(meta)

    def _take(self, step: int, update: bytes, meta: UpdateMeta) -> None:
        ticket: int | None
        refused = False
        self._answers += step == STEP2
        if meta.empty:
            ticket = None
        elif self._unanswered:
            ticket, refused = None, True
        elif self.frozen or self.role == "viewer":
            ticket = None
            if step == UPDATE or self._document.brings_anything(meta):
                refused = True
                self._deny(AccessDenied("You may look at this document but not change it."))
        elif self._forked is not None:
            ticket, refused = None, True
            self._deny(self._forked)
        elif self._must_ask(step, meta):
            try:
                ticket = self._document.merge(self, update, meta)
            except ClientIdTaken as error:
                if not self._wants_control:
                    raise
                ticket, self._forked = None, error  # whatever follows stands on what is refused here
                self._deny(error)
        else:
            ticket = self._document.accept(self, update, meta)
        self._await_ack(ticket)
        if self._wants_receipts and not (refused or meta.empty):
            self._owe_receipt(ticket, receipt(meta))

    def _deny(self, error: PlantTogetherError) -> None:
        self.tell({"type": "denied", "count": self._counted, "reason": error.message, "error": error.code})

    async def _later(self, waiting: Awaitable[None], pause: float) -> None:
        try:
            await waiting
        except PlantTogetherError as error:
            self.end(error)
        if pause > 0:
            await asyncio.sleep(pause)

    def _pause(self, cost: int) -> float:
        """Return for how long not to read: a token bucket of ``message_rate`` and ``message_burst``."""
        now = time.monotonic()
        earned = (now - self._allowed_at) * self._limits.message_rate
        self._allowance = min(self._allowance + earned, float(self._limits.message_burst)) - cost
        self._allowed_at = now
        return 0.0 if self._allowance >= 0 else -self._allowance / self._limits.message_rate

    # --- acknowledgement -----------------------------------------------------------------------------

    def _await_ack(self, ticket: int | None) -> None:
        if not self._wants_control:
            return
        durability = self._document.durability
        if ticket is None:
            # Nothing to write, but what it holds may be here only on its way to the disk: by another
            # session, or by an earlier one of this client. It is done when all before it is.
            ticket = durability.last
        self._unacked.append((self._counted, ticket))
        durability.add_waiter(self.acknowledge)
        if ticket <= durability.reached:
            self._document.soon(self.acknowledge)

    def _owe_receipt(self, ticket: int | None, content: bytes) -> None:
        """Send a receipt when ``ticket`` is durable, or all that there is by now."""
        if content == EMPTY_UPDATE:
            return
        durability = self._document.durability
        self._receipts.append((durability.last if ticket is None else ticket, content))
        durability.add_waiter(self.acknowledge)
        if self._receipts[-1][0] <= durability.reached:
            self._document.soon(self.acknowledge)

    def acknowledge(self) -> None:
        """Tell the peer what has become durable; nothing while it may have the client id of another (A11)."""
        if self._forked is not None or self._unanswered:
            return
        durable = self._document.durability.reached
        while self._receipts and self._receipts[0][0] <= durable:
            _, content = self._receipts.popleft()
            if not self.closed:
                self.outbox.send(sync(UPDATE, content))
        count = 0
        while self._unacked and self._unacked[0][1] <= durable:
            count, _ = self._unacked.popleft()
        if not self._unacked and not self._receipts:
            self._document.durability.remove_waiter(self.acknowledge)
        if count:
            self.tell({"type": "ack", "count": count})

    # --- to the peer ---------------------------------------------------------------------------------

    def greet(self) -> None:
        """Say what this document is and who the peer is, ask what it has, and show who is here."""
        info = self._document.info
        self.tell(
            {
                "type": "hello",
                "document": info.id,
                "epoch": info.epoch,
                "role": self.role,
                "session": self.id,
                "room": info.room,
                "room_id": info.room_id,
                "name": info.name,
                "user": dict(self.participant.stamp()),
            }
        )
        self.outbox.send(sync(STEP1, self._document.vector()))
        self.outbox.send_presence()

    def tell(self, body: dict[str, Any]) -> None:
        """Write a control message if the client asked for them."""
        if self._wants_control and not self.closed:
            (self.outbox.send_ack if body["type"] == "ack" else self.outbox.send)(control(body))

    def set_role(self, role: str | None) -> None:
        """Change what the peer may do, at once; without a role it is disconnected (PROTOCOL I3)."""
        if role == self.role or self.closed:
            return
        if role is None:
            self.end(AccessDenied("You are no longer a member of this room."))
            return
        self.role = role
        self._tell_role()

    def freeze(self, *, frozen: bool) -> None:
        """Let the peer only look for as long as nobody knows what it may do (PROTOCOL I3)."""
        if frozen != self.frozen:
            self.frozen = frozen
            self._tell_role()

    def _tell_role(self) -> None:
        self.tell({"type": "role", "role": "viewer" if self.frozen else self.role})

    def _caught_up(self) -> None:
        vector, self._pending_sync_request = self._pending_sync_request, None
        if vector is None:
            return
        try:
            waiting = self._answer(vector)
        except PlantTogetherError as error:
            self.end(error)
        else:
            if waiting is not None:
                self._document.run(self._later(waiting, 0))

    def end(self, error: PlantTogetherError) -> None:
        """Close the connection for a reason that a person can read."""
        if self.closed:
            return
        if isinstance(error, EpochMismatch):
            self.tell({"type": "reset", "epoch": error.details["epoch"]})
        elif isinstance(error, Malformed):
            info = self._document.info
            _LOG.warning(
                "A malformed frame from %s in %s/%s: %s",
                self.participant.subject,
                info.room,
                info.name,
                error.message,
            )
        self._document.leave(self)
        self._connection.close(error.close, error.message)

    def leave(self) -> None:
        """Leave the document: the connection is gone."""
        self._document.leave(self)

    def keep_alive(self, now: float) -> None:
        """Say something to a peer that has heard nothing for long: stock clients reconnect after 30 s."""
        if now - self._spoke_at > _SILENCE and not self.outbox.behind:
            self._spoke_at = now
            self._connection.send(_NOBODY)
