-- Renews a lease or lock for some milliseconds, or gives it up with 0; only its holder, who has its token, can.
local lease = KEYS[1]
local token, lasts_ms = ARGV[1], ARGV[2]

if redis.call('GET', lease) ~= token then return 0 end
if tonumber(lasts_ms) == 0 then return redis.call('DEL', lease) end
return redis.call('PEXPIRE', lease, lasts_ms)
