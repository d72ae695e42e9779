enum A {
  X = 1
  X = 2
}
