struct A {
  1: Missing a
  2: i32 b = "text"
  3 i32 c
}

service S extends T {
  void f(1: A a, 1: A b) throws (1: A c)
}
