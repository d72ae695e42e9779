const i32 A = 0xFFFFFFFF
const i8 B = 0x80
