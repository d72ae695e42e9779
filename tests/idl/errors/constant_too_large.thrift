typedef list<i32> L
const L A = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const list<L> B = [A, A, A, A, A, A, A, A, A, A]
const list<list<L>> C = [B, B, B, B, B, B, B, B, B, B]
const list<list<list<L>>> D = [C, C, C, C, C, C, C, C, C, C]
const list<list<list<list<L>>>> E = [D, D, D, D, D, D, D, D, D, D]
const list<list<list<list<list<L>>>>> F = [E, E, E, E, E, E, E, E, E, E]
const list<list<list<list<list<list<L>>>>>> G = [F, F, F, F, F, F, F, F, F, F]
const list<list<list<list<list<list<list<L>>>>>>> H = [G, G, G, G, G, G, G, G, G, G]
