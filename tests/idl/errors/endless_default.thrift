struct A {
  1: optional B b = {}
}

struct B {
  1: optional A a = {}
}
