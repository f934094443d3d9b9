-- Appends an entry to a document's stream, marks the document for compaction and tells its replicas.
-- Answers {generation, prev, id}; nothing where the history was replaced (PROTOCOL E1); {generation, id} of where the
-- stream ends if that is not where the condition says, which is empty where there is none (A8).
--
-- known_generation and seen are what the replica knows: a generation and the highest id it has seen there. Where
-- the stream ends below that, the server came back without its last entries: a new generation begins behind what
-- is left (PROTOCOL J8).
local stream, state_key, marked = KEYS[1], KEYS[2], KEYS[3]
local channel, member, due_after_ms, new_generation, known_generation, seen,
  origin, epoch, at, clients, again, author, message, condition = unpack(ARGV)

local function is_below(id, other)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_number = string.match(other, '^(%d+)-(%d+)$')
  local ahead_ms = tonumber(ms) - tonumber(other_ms)
  return ahead_ms < 0 or (ahead_ms == 0 and tonumber(number) < tonumber(other_number))
end

local state = redis.call('GET', state_key)
local generation, last
if state then
  local state_epoch
  generation, state_epoch, last = string.match(state, '^(%S+) (%d+) (%S+)$')
  if tonumber(epoch) < tonumber(state_epoch) then return {} end
  if tonumber(epoch) > tonumber(state_epoch) then
    redis.call('DEL', stream)
    generation = nil
  elseif redis.call('EXISTS', stream) == 0 then
    generation = nil
  end
else
  local entry = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  if entry then
    local fields = entry[2]
    last = entry[1]
    for i = 1, #fields, 2 do
      if fields[i] == 'generation' then generation = fields[i + 1] end
    end
  end
end
if condition ~= '' then
  local ends_generation, ends_at = generation or '-', generation and last or '0-0'
  if condition ~= ends_generation .. ' ' .. ends_at then
    -- A repetition: what was appended before stands first behind the condition.
    local behind = again == '1' and string.match(condition, ' (%S+)$')
    for _, entry in ipairs(behind and redis.call('XRANGE', stream, behind, '+', 'COUNT', 2) or {}) do
      local values = {}
      for i = 1, #entry[2], 2 do values[entry[2][i]] = entry[2][i + 1] end
      if values.m == message then return {values.generation, values.prev, entry[1]} end
    end
    return {ends_generation, ends_at}
  end
end
if not generation then generation, last = new_generation, '0-0' end
if generation == known_generation and is_below(last, seen) then generation = new_generation end

local id = redis.call('XADD', stream, '*', 'm', message, 'author', author, 'origin', origin,
  'epoch', epoch, 'generation', generation, 'prev', last, 'at', at, 'clients', clients, 'again', again)
redis.call('SET', state_key, generation .. ' ' .. epoch .. ' ' .. id)
redis.call('ZADD', marked, 'LT', tonumber(string.match(id, '^%d+')) + tonumber(due_after_ms), member)
redis.call('PUBLISH', channel, table.concat(
  {'u', generation, last, id, origin, epoch, at, clients, again, author, message}, '\n'))
return {generation, last, id}
