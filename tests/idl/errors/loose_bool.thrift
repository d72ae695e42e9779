const bool A = 2
const i32 B = true
