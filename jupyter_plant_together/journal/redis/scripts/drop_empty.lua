-- Deletes a stream that is empty and was not written for so long; no tombstone. Answers how many keys went.
local stream, state_key = KEYS[1], KEYS[2]
local unwritten_ms = ARGV[1]

local state = redis.call('GET', state_key)
if not state or string.sub(state, 1, 2) == '- ' or redis.call('XLEN', stream) > 0 then return 0 end
local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last_ms = tonumber(string.match(state, ' (%d+)-%d+$'))
if last_ms > now_ms - tonumber(unwritten_ms) then return 0 end
return redis.call('DEL', stream, state_key)
