struct A {
  1: i32 a

struct B {
  1: i32 a
}

service S {
  void f(1: i32 a
