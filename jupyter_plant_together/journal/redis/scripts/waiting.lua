-- Answers how many are marked, and for how many milliseconds the first has been due.
local marked = KEYS[1]

local first_due_ms = redis.call('ZRANGE', marked, 0, 0, 'WITHSCORES')[2]
local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return {redis.call('ZCARD', marked), first_due_ms and math.max(0, now_ms - tonumber(first_due_ms)) or 0}
