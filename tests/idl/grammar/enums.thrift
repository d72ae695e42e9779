enum Empty {}
enum Implicit { A B C }
enum Explicit { A = 1, B = 0x10; C = -3 D, E = +7 }
enum Least { MIN = -2147483648, MAX = 2147483647 }
enum Annotated { A = 1 (a = "1"), B (b), } (on.the = "enum")
