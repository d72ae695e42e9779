struct Point {
  1: i32 left
  2: i32 top
}

const Point A = {"lfet": 1, "top": 2}
