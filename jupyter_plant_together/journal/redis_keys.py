"""The names in Redis and the scripts that touch them; everything else is written in terms of these.

For a document there are its stream ``{prefix}:room:{room id}:{document id}`` (the name that Y-Redis uses),
its *state* ``{prefix}:state:{document id}`` (``generation epoch last-id`` of the stream: an id alone proves
nothing after FLUSHALL or a failover, PROTOCOL J1), its channel, a lease and a lock. A state ``- epoch 0-0``
is a *tombstone*: the history was replaced or purged, and nothing was appended since (E1). ``{prefix}:marked``
is a sorted set of the documents to compact, scored by when that is due.

Each entry has the id of the entry before it (``prev``), so that a reader sees every gap and every loss.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one prefix."""

    prefix: str

    def stream(self, room: str, document: str) -> bytes:
        """Return the key of a document's stream."""
        return f"{self.prefix}:room:{room}:{document}".encode()

    def state(self, document: str) -> bytes:
        """Return the key of ``generation epoch last-id``."""
        return f"{self.prefix}:state:{document}".encode()

    def channel(self, document: str) -> bytes:
        """Return the channel on which a document's replicas hear of one another."""
        return f"{self.prefix}:live:{document}".encode()

    def lease(self, document: str) -> bytes:
        """Return the key that a compactor holds while it works on a document."""
        return f"{self.prefix}:lease:{document}".encode()

    def refill(self, document: str) -> bytes:
        """Return the key that a replica holds while it refills a stream (J4)."""
        return f"{self.prefix}:refill:{document}".encode()

    @property
    def marked(self) -> bytes:
        """The key of the documents to compact."""
        return f"{self.prefix}:marked".encode()

    @property
    def sweep(self) -> bytes:
        """The key that keeps replicas from sweeping at the same time."""
        return f"{self.prefix}:sweep".encode()

    @property
    def poke(self) -> bytes:
        """The channel that says: look for events now."""
        return f"{self.prefix}:poke".encode()


class Script:
    """A Lua script and its digest."""

    def __init__(self, source: str) -> None:
        self.text = source
        self.source = source.encode()
        self.digest = hashlib.sha1(self.source, usedforsecurity=False).hexdigest().encode()


# KEYS: stream, state, marked. ARGV: channel, member, due after (ms), new generation; the generation that the
# replica knows and the highest id it has seen there: a server that came back without its last entries, and
# with an older clock, must not give an id that the store's mark covers; then origin, epoch, at, clients,
# again, author, message. Answers generation, prev, id; nothing where the history was replaced (E1).
APPEND = Script(
    """
local state, generation, epoch, last = redis.call('GET', KEYS[2])
if state then
  generation, epoch, last = string.match(state, '^(%S+) (%d+) (%S+)$')
  if tonumber(ARGV[8]) < tonumber(epoch) then return {} end
  if tonumber(ARGV[8]) > tonumber(epoch) then
    redis.call('DEL', KEYS[1])
    generation = nil
  elseif redis.call('EXISTS', KEYS[1]) == 0 then
    generation = nil
  end
else
  local entries = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
  if entries[1] then
    last = entries[1][1]
    for i = 1, #entries[1][2], 2 do
      if entries[1][2][i] == 'generation' then generation = entries[1][2][i + 1] end
    end
  end
end
if not generation then generation, last = ARGV[4], '0-0' end
local at = '*'
if generation == ARGV[5] and last ~= ARGV[6] then
  local seen, number = string.match(ARGV[6], '^(%d+)-(%d+)$')
  local mine, mine_number = string.match(last, '^(%d+)-(%d+)$')
  local behind = tonumber(mine) - tonumber(seen)
  if behind < 0 or (behind == 0 and tonumber(mine_number) < tonumber(number)) then
    local time = redis.call('TIME')
    if tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) <= tonumber(seen) then
      at = seen .. '-' .. string.format('%d', tonumber(number) + 1)
    end
  end
end
local id = redis.call('XADD', KEYS[1], at, 'm', ARGV[13], 'author', ARGV[12], 'origin', ARGV[7],
  'epoch', ARGV[8], 'generation', generation, 'prev', last, 'at', ARGV[9], 'clients', ARGV[10],
  'again', ARGV[11])
redis.call('SET', KEYS[2], generation .. ' ' .. ARGV[8] .. ' ' .. id)
redis.call('ZADD', KEYS[3], 'LT', tonumber(string.match(id, '^%d+')) + tonumber(ARGV[3]), ARGV[2])
redis.call('PUBLISH', ARGV[1], table.concat({'u', generation, last, id, ARGV[7], ARGV[8], ARGV[9], ARGV[10],
  ARGV[11], ARGV[12], ARGV[13]}, '\\n'))
return {generation, last, id}
"""
)

# KEYS: stream, state, marked. ARGV: channel, member, generation, through, first id behind it, lifetime (ms),
# delay (ms), rows. Trims what is in the store and old enough (C2) and says so; answers how many went.
TRIM = Script(
    """
local state = redis.call('GET', KEYS[2])
if not state then return 0 end
local generation, last = string.match(state, '^(%S+) %d+ (%S+)$')
if generation ~= ARGV[3] then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local young = now - tonumber(ARGV[6])
local before = ARGV[5]
if tonumber(string.match(before, '^%d+')) > young then before = string.format('%d', young) end
local gone = redis.call('XTRIM', KEYS[1], 'MINID', before)
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
if last ~= ARGV[4] then
  redis.call('ZADD', KEYS[3], now + tonumber(ARGV[7]), ARGV[2])
elseif first[1] then
  redis.call('ZADD', KEYS[3], tonumber(string.match(last, '^%d+')) + tonumber(ARGV[6]) + 1, ARGV[2])
else
  redis.call('ZREM', KEYS[3], ARGV[2])
end
redis.call('PUBLISH', ARGV[1], table.concat({'c', generation, ARGV[4], ARGV[8]}, '\\n'))
return gone
"""
)

# KEYS: marked. ARGV: how many. Answers for how many milliseconds the first has been due, and who is due.
DUE = Script(
    """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
local answer = {due[2] and now - tonumber(due[2]) or 0}
for at = 1, #due, 2 do
  answer[#answer + 1] = due[at]
end
return answer
"""
)

# KEYS: marked. Answers how many are marked, and for how many milliseconds the first has been due.
WAITING = Script(
    """
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return {redis.call('ZCARD', KEYS[1]), first[2] and math.max(0, now - tonumber(first[2])) or 0}
"""
)

# KEYS: a lease or lock. ARGV: its token, milliseconds. Renews it, or gives it up with 0; only its holder can.
HOLD = Script(
    """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) == 0 then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
)

# KEYS: stream, state. ARGV: milliseconds. Deletes a stream that is empty and was not written for so long; no
# tombstone.
FORGET = Script(
    """
local state = redis.call('GET', KEYS[2])
if not state or string.sub(state, 1, 2) == '- ' or redis.call('XLEN', KEYS[1]) > 0 then return 0 end
local time = redis.call('TIME')
local last = tonumber(string.match(state, ' (%d+)-%d+$'))
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if last > now - tonumber(ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1], KEYS[2])
"""
)

# KEYS: stream, state, marked. ARGV: member, epoch. Deletes the stream of a replaced history only (E1), and
# leaves a tombstone: appends of an older epoch are refused, the next of this one begins a generation.
RESET = Script(
    """
local state = redis.call('GET', KEYS[2])
if not state then return 0 end
if tonumber(string.match(state, '^%S+ (%d+) ')) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], '- ' .. ARGV[2] .. ' 0-0')
return redis.call('DEL', KEYS[1])
"""
)
