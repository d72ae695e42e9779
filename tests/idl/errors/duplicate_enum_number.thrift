enum A {
  X = 1
  Y = 1
}
