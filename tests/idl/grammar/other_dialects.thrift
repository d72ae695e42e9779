struct A {
  1: list<string> (x = "y") a
  2: A (annotation = "on a named type") & b
}
