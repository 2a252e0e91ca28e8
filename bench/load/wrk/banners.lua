-- Clicks for banners 1 … n, one after the other, and again. The argument is n. Requests are made beforehand: making
-- them would cost the client more than the service.
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
