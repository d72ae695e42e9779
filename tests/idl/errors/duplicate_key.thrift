struct S {
  1: i32 x
}

const map<string, i32> A = {"a": 1, "a": 2}
const set<i32> B = [1, 1]
const S C = {"x": 1, "x": 2}
