"""GET /add/2/3 answers {"result": 5}, calculated by the Calculator service.

Run it with `gunicorn -w 4 app:app`.
"""

from thrift.Thrift import TApplicationException
from werkzeug.exceptions import UnprocessableEntity

from backends import from_environment
from gen.calculator import Calculator
from web import I32_MAX, I32_MIN, application

app = application(__name__)
calculator = from_environment(Calculator.Client, "CALCULATOR_URL", "http://127.0.0.1:9090/", idempotent={"add"})


@app.get("/add/<i32:num1>/<i32:num2>")
def add(num1, num2):
    try:
        return {"result": calculator.call("add", num1, num2)}
    except TApplicationException:
        if I32_MIN <= num1 + num2 <= I32_MAX:
            raise
        raise UnprocessableEntity(f"{num1} + {num2} does not fit in an i32") from None
