struct a.B {
  1: i32 c.d
}
