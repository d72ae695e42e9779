struct Tree { 1: list<Tree> children, 2: optional Tree parent }
struct Left { 1: optional Right right }
struct Right { 1: Left & left }
union Expression { 1: i32 literal, 2: Sum sum }
struct Sum { 1: optional Expression left, 2: optional Expression right }
