-- Clicks for banners 1 … n, one after the other, and again. The arguments are n and the path before the id. Requests are made beforehand: making
-- them would cost the client more than the service.
local requests = {}
local at = 0

function init(args)
  for banner = 1, tonumber(args[1]) do
    requests[banner] = wrk.format('GET', args[2] .. banner)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
