typedef A B
typedef list<B> A
typedef C C

struct D {
  1: A a
}
