namespace * example.geometry

struct Point { 1: i32 x, 2: i32 y }
exception Far { 1: Point where }
service Measure { double distance(1: Point a, 2: Point b) throws (1: Far far) }
