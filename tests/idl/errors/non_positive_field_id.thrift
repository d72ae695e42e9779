struct A {
  -5: i32 a
  0: i32 b
}
