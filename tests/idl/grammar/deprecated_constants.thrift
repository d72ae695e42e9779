const i32 A = true
const bool B = 5
const i32 C = 0xFFFFFFFF
enum E { X }
const E D = X
const string L = "two
lines"
