struct Hidden {
  1: i32 a
}
