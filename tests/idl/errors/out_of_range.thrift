const i8 A = 128
const i32 B = -2147483649
const map<i16, i8> C = {40000: 1, 1: -129}
struct S {
  1: i8 a = 0x1ff
}
