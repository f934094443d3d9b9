-- Trims what is in the store and old enough (PROTOCOL C2), marks the document again where something is left to
-- do, and says so to its replicas. Answers how many entries went.
local stream, state_key, marked = KEYS[1], KEYS[2], KEYS[3]
local channel, member, compacted_generation, through, first_behind, lifetime_ms, delay_ms, rows = unpack(ARGV)

local state = redis.call('GET', state_key)
if not state then return 0 end
local generation, last = string.match(state, '^(%S+) %d+ (%S+)$')
if generation ~= compacted_generation then return 0 end

local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local young_ms = now_ms - tonumber(lifetime_ms)
local gone = 0
-- Without the entry up to which the store has them, there is nothing to trim or the stream lost its end (PROTOCOL J8).
if redis.call('XRANGE', stream, through, through)[1] then
  local before = first_behind
  if tonumber(string.match(before, '^%d+')) > young_ms then before = string.format('%d', young_ms) end
  gone = redis.call('XTRIM', stream, 'MINID', before)
end

if last ~= through then
  redis.call('ZADD', marked, now_ms + tonumber(delay_ms), member)
elseif redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1] then
  redis.call('ZADD', marked, tonumber(string.match(last, '^%d+')) + tonumber(lifetime_ms) + 1, member)
else
  redis.call('ZREM', marked, member)
end
redis.call('PUBLISH', channel, table.concat({'c', generation, through, rows}, '\n'))
return gone
