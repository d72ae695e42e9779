struct A {}

service B extends A {}
