"""POST /set with {"key": ..., "value": ...} keeps a text in the Cache service, GET /get/<key> reads it.

Run it with `gunicorn -w 4 cache_app:app`.
"""

from thrift.Thrift import TApplicationException
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from backends import from_environment
from gen.cache import Cache
from gen.cache.ttypes import KeyNotFound
from web import application, text_fields


class Client(Cache.Client):
    set = Cache.Client.put  # `set` is a reserved word of the Thrift language; on the wire the method is called `put`


app = application(__name__)
cache = from_environment(Client, "CACHE_URL", "http://127.0.0.1:9091/", idempotent={"set", "get"})


@app.post("/set")
def set_value():
    key, value = text_fields("key", "value")
    if not cache.call("set", key, value):
        raise RequestEntityTooLarge("the value alone is larger than the whole cache")
    return {"ok": True}


@app.get("/get/<rest:key>")
def get_value(key):
    try:
        return {"value": cache.call("get", key)}
    except KeyNotFound:
        raise NotFound("there is no value under this key") from None
    except TApplicationException as error:
        if error.type != TApplicationException.MISSING_RESULT:
            raise
        # A server whose IDL declares no exception can say "not there" only by leaving the result out.
        raise NotFound("there is no value under this key") from None
