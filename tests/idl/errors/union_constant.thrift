union A {
  1: i32 a
  2: i32 b
}

const A B = {"a": 1, "b": 2}
const A C = {}
