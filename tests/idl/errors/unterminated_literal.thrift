const string A = "never closed
const i32 B = 1
