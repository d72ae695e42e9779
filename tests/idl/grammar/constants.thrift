const bool YES = true
const bool NO = false;
const bool ONE = 1,
const i8 SMALL = -128
const i16 SHORT = 32767
const i32 PLUS = +5
const i32 HEX = 0x7fFF
const i32 NEGATIVE_HEX = -0x10
const i64 LARGE = 9223372036854775807
const i64 LEAST = -9223372036854775808
const double HALF = .5
const double EXPONENT = -1.5e-10
const double WHOLE = 3
const double GOOGOL = 1E100
const string EMPTY = ""
const string DOUBLE = "say \"hi\" \'there\' \\ \n\r\t"
const string SINGLE = 'it is "fine" \' ünïcödé 日本語 // no comment # none /* none */'
const binary BYTES = "abc"
const uuid ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
const uuid BRACED = "{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}"
const Color FAVOURITE = Color.GREEN
const Color BY_NUMBER = 2
const Paint THROUGH_TYPEDEF = Paint.RED
const i32 NUMBER_OF_A_COLOUR = Color.BLUE
const list<i32> LIST = [1, 2; 3 4 PLUS, Color.RED,]
const list<i32> EMPTY_LIST = []
const set<string> SET = ["a", "b"]
const set<string> EMPTY_SET = {}
const map<string, list<i32>> MAP = {"a": [1], 'b': [], "c": LIST;}
const map<i32, i32> EMPTY_MAP = []
const Point ORIGIN = {"x": 0, "y": 0}
const Line DIAGONAL = {"from": ORIGIN, "to": {"x": 1, "y": 1}, "color": Color.RED}
const Shape SHAPE = {"line": DIAGONAL}
const Failure FAILURE = {"why": "none"}
const i32 FORWARD = LATER
const i32 LATER = 1
const map<Color, map<Point, double>> NESTED = {Color.RED: {{"x": 1, "y": 2}: 0.5, ORIGIN: 1}}

enum Color { RED = 1, GREEN, BLUE }
typedef Color Paint
struct Point { 1: required i32 x, 2: required i32 y }
struct Line { 1: Point from, 2: Point to, 3: Color color = Color.RED, 4: optional Paint paint = Paint.BLUE }
union Shape { 1: Point point, 2: Line line = {"from": ORIGIN} }
exception Failure { 1: string why = EMPTY }
