struct A {}
exception B {}
typedef B C

service S {
  void f() throws (1: A a, 2: B b, 3: C c, 4: i32 d)
}
