enum A {
  X
}

enum B {
  X
}

const A C = X
const A D = B.X
const A E = Nothing.X
