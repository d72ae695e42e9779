enum Color {
  RED
  GREEN
}

const Color A = Color.GREN
const Color B = 7
const i32 C = Color.BLUE
