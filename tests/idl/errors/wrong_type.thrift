enum E {
  X
}

struct S {
  1: i32 x
}

const i32 A = "one"
const i32 B = 1.5
const string C = 1
const list<i32> D = {1: 2}
const map<i32, i32> F = [1]
const S G = ["x"]
const S H = {x: 1}
const string I = E.X
const list<string> J = ["a", 2, "c", D]
const bool K = "true"
