const i32 ANSWER = 42
const i32 A = ANSWRE
const i32 B = nowhere.C
