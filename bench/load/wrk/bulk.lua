-- Bulks of n entries, one click each, for banners 1 … n. The first argument is n. With a second one, each bulk has a key
-- of its own, which begins with it.
function init(args)
  local entries = {}
  for banner = 1, tonumber(args[1]) do
    entries[banner] = '{"id":' .. banner .. '}'
  end
  wrk.method = 'POST'
  wrk.headers['Content-Type'] = 'application/json'
  wrk.body = '{"clicks":[' .. table.concat(entries, ',') .. ']}'
  if args[2] then
    local count = 0
    -- Made only here: without it, wrk sends one text again and again.
    request = function()
      count = count + 1
      wrk.headers['Idempotency-Key'] = args[2] .. '-' .. count
      return wrk.format()
    end
  end
end
