-- Answers for how many milliseconds the first has been due, and who is due, `most` at most.
local marked = KEYS[1]
local most = ARGV[1]

local time = redis.call('TIME')
local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local due = redis.call('ZRANGEBYSCORE', marked, '-inf', now_ms, 'WITHSCORES', 'LIMIT', 0, most)
local answer = {due[2] and now_ms - tonumber(due[2]) or 0}
for i = 1, #due, 2 do
  answer[#answer + 1] = due[i]
end
return answer
