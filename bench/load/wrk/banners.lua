-- One click after the other for banners 1 … n, in turns. The argument is n. Requests are made beforehand, so
-- that the client is not what is measured.
local requests = {}
local at = 0

function init(args)
  for banner = 1, tonumber(args[1]) do
    requests[banner] = wrk.format('GET', '/counter/' .. banner)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
