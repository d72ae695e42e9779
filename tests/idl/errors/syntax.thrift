struct A {
  1 i32 no_colon
  2: string
  3: i32 fine
  4: list<i32 no_bracket
}

service S {
  ping(),
  void pong(
}

strcut B {
  1: i32 x
}

struct C {
  1: i32 x = 
}
