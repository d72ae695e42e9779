struct A { i32 a, i32 b, 5: i32 c, -7: i32 d, 0: i32 e, required i32 f, optional list<i32> g = [] }
service S { void f(i32 a, string b) throws (E e) }
exception E { string why }
