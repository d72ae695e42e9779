struct S {
  1: required i32 x
  2: required i32 y
  3: required i32 z = 1
}

const S A = {"x": 1}
