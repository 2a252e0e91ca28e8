-- Clicks that a proxy passes on: n clients in turn, each with an address and a User-Agent of its own; every second one by IPv6. The arguments are n
-- and the path.
local clients = 0
local at = 0
local beginning = ''

function init(args)
  clients = tonumber(args[1])
  local agent = wrk.headers['User-Agent']
  wrk.headers['User-Agent'] = nil
  beginning = wrk.format('GET', args[2]):sub(1, -3) .. 'User-Agent: ' .. agent .. ' Client/'
end

function request()
  at = at % clients + 1
  local address
  if at % 2 == 0 then
    address = string.format('2001:db8:%x:%x::%x', math.floor(at / 65536) + 16, at % 65536, at % 97 + 1)
  else
    address = string.format('100.%d.%d.%d', 64 + math.floor(at / 65536), math.floor(at / 256) % 256, at % 256)
  end
  return beginning .. at .. '\r\nX-Forwarded-For: ' .. address .. '\r\n\r\n'
end
