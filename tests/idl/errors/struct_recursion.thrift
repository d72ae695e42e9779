struct A {
  1: required B b
}

struct B {
  1: required A a
}

struct Node {
  1: i32 value
  2: Node next
}

struct Fine {
  1: optional Fine a
  2: required list<Fine> b
  3: Fine & c
}
