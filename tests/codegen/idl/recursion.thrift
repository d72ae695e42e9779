/** Types that contain themselves. */
struct Tree { 1: i32 value, 2: optional Tree left, 3: optional Tree right, 4: list<Tree> children }
struct Chain { 1: string name, 2: Chain next }
struct Pointer { 1: Leaf & leaf, 2: optional Leaf & maybe, 3: required Leaf & must }
struct Leaf { 1: i32 x }
union Expression { 1: i64 number, 2: Sum sum, 3: Expression negated, 4: list<Expression> all, 5: map<string, Expression> named }
struct Sum { 1: required Expression left, 2: required Expression right }
struct Ping { 1: optional Pong pong }
struct Pong { 1: optional Ping ping, 2: set<Ping> pings, 3: map<Pong, Ping> map_ }
exception Cause { 1: string why, 2: optional Cause cause }
typedef list<Node> Nodes
struct Node { 1: Nodes nodes, 2: set<Node> set_ }
service Forest { Tree grow(1: Tree seed, 2: Expression by) throws (1: Cause cause) }
struct Endless { 1: required Endless again, 2: i32 depth }
struct Outer { 1: required Inner inner }
struct Inner { 1: optional Outer outer, 2: i32 depth }
struct Left { 1: required Right right }
struct Right { 1: required Left left, 2: i32 depth }
