// Müller
struct A {}
