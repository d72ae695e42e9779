union A {
  1: required i32 a
}
