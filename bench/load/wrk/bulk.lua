-- Bulks of n entries, one click each, for banners 1 … n. The argument is n.
function init(args)
  local entries = {}
  for banner = 1, tonumber(args[1]) do
    entries[banner] = '{"id":' .. banner .. '}'
  end
  wrk.method = 'POST'
  wrk.headers['Content-Type'] = 'application/json'
  wrk.body = '{"clicks":[' .. table.concat(entries, ',') .. ']}'
end
