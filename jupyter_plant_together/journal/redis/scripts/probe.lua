-- Writes a key that vanishes within a second: whether this user may do what the other scripts do.
local key = KEYS[1]

return redis.call('SET', key, '1', 'PX', 1000)
