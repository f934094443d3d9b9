-- Deletes the stream of a replaced history, and no other, and leaves a tombstone (PROTOCOL E1): appends of an older
-- epoch are refused, the next of this one begins a generation. Answers how many keys went.
local stream, state_key, marked = KEYS[1], KEYS[2], KEYS[3]
local member, new_epoch = ARGV[1], ARGV[2]

local state = redis.call('GET', state_key)
if not state then return 0 end
local epoch = string.match(state, '^%S+ (%d+) ')
if tonumber(epoch) >= tonumber(new_epoch) then return 0 end
redis.call('ZREM', marked, member)
redis.call('SET', state_key, '- ' .. new_epoch .. ' 0-0')
return redis.call('DEL', stream)
