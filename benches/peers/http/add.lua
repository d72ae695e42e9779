-- wrk's script: `add` over and over, so many at once on each connection. wrk compares no answers, only their status.
local call = "\128\1\0\1\0\0\0\3add\0\0\0\7" .. "\8\0\1\0\0\0\40" .. "\8\0\2\0\0\0\2" .. "\0"
local calls

function init(arguments)
   local one = wrk.format("POST", "/", { ["Content-Type"] = "application/x-thrift" }, call)
   calls = string.rep(one, tonumber(arguments[1]))
end

function request()
   return calls
end
