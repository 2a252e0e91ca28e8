-- Requests with a method and, unless it is empty, a body: the two arguments.
function init(args)
  wrk.method = args[1]
  if args[2] ~= '' then
    wrk.body = args[2]
  end
end
