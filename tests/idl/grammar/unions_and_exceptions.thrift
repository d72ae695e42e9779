union Empty {}
union Value { 1: i32 number, 2: optional string text = "x", 3: list<Value> values }
exception NoFields {}
exception Failure { 1: required i32 code, 2: optional string message, 3: NoFields cause } (message = "message")
