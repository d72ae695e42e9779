"""What both pages share: a Flask application whose every answer is JSON, its errors included."""

from flask import Flask, jsonify, request
from thrift.Thrift import TApplicationException
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType
from werkzeug.routing import BaseConverter

from backends import BackendError, Unavailable, overloaded

I32_MIN, I32_MAX = -(2**31), 2**31 - 1


class I32(BaseConverter):
    """A decimal integer, negative ones too. One that does not fit in an i32 is a bad request, not an unknown page."""

    regex = "-?[0-9]+"

    def to_python(self, text):
        digits = text.lstrip("-").lstrip("0") or "0"
        number = int(text[: text.startswith("-")] + digits) if len(digits) <= 10 else None
        if number is None or not I32_MIN <= number <= I32_MAX:
            shown = text if len(text) <= 24 else f"{text[:20]}... ({len(text)} characters)"
            raise BadRequest(f"{shown} does not fit in an i32 ({I32_MIN} to {I32_MAX})")
        return number


class Rest(BaseConverter):
    """All that is left of the path: slashes, blanks and nothing at all are fine."""

    regex = "(?s:.*)"
    part_isolating = False


def application(name, body_max=8 * 1024 * 1024):
    """A Flask application with the converters `i32` and `rest`. A longer body than `body_max` bytes is refused."""
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = body_max
    app.json.ensure_ascii = False
    app.url_map.merge_slashes = False
    app.url_map.converters.update(i32=I32, rest=Rest)

    @app.before_request
    def path_is_text():
        try:
            request.environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8")
        except UnicodeError:
            raise BadRequest("the path is not UTF-8") from None

    @app.errorhandler(BackendError)
    def backend_failed(error):
        app.logger.warning("%s", error)
        return _problem(error.status, error.public, error.retry_after)

    @app.errorhandler(TApplicationException)
    def refused(error):
        app.logger.warning("the service refused the call: %s (type %s)", error, error.type)
        kind = Unavailable if overloaded(error) else BackendError
        return _problem(kind.status, kind.public, kind.retry_after)

    @app.errorhandler(HTTPException)
    def not_served(error):
        unknown = error is request.routing_exception and error.code == 404
        response = _problem(error.code, "there is no such page" if unknown else error.description)
        for header, value in error.get_headers():
            if header != "Content-Type":
                response.headers[header] = value
        return response

    @app.errorhandler(Exception)
    def bug(error):
        app.logger.exception("unexpected")
        return _problem(500, "internal error")

    return app


def text_fields(*names):
    """These fields of the JSON object in the body, which must all be strings. Anything else is a bad request."""
    try:
        body = request.get_json()
    except UnsupportedMediaType:
        raise UnsupportedMediaType("send JSON, with the header Content-Type: application/json") from None
    except BadRequest:
        raise BadRequest("the body is not JSON") from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return [_text(body, name) for name in names]


def _text(body, name):
    if name not in body:
        raise BadRequest(f'the field "{name}" is missing')
    if not isinstance(body[name], str):
        raise BadRequest(f'the field "{name}" must be a string')
    try:
        body[name].encode()
    except UnicodeEncodeError:
        raise BadRequest(f'the field "{name}" holds half of a surrogate pair') from None
    return body[name]


def _problem(status, text, retry_after=None):
    response = jsonify(error=text)
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
