//! What the model says about texts whose meaning is known.

use super::{compile_texts, program};
use farthing::idl::model::{Requiredness, ServiceId, StructKind, Type, Value};

#[test]
fn a_file_keeps_its_doc_and_a_declaration_its_own() {
    let program =
        program("/** File. */\nnamespace rs a.b\n/** Old. */ /**\n * Struct.\n */ struct A {\n/** Field. */ 1: i32 a }");
    assert_eq!(program.modules[0].doc.as_deref(), Some("File."));
    assert_eq!(program.modules[0].namespace("rs"), Some("a.b"));
    assert_eq!(program.modules[0].namespace("py"), None);
    assert_eq!(program.structs[0].head.doc.as_deref(), Some("Struct."));
    assert_eq!(program.structs[0].fields[0].doc.as_deref(), Some("Field."));
}

#[test]
fn a_doc_before_the_first_declaration_is_not_the_file_s() {
    let program = program("/** Struct. */ struct A {}");
    assert_eq!(program.modules[0].doc, None);
    assert_eq!(program.structs[0].head.doc.as_deref(), Some("Struct."));
}

#[test]
fn the_star_namespace_stands_for_all_others() {
    let program = program("namespace * every\nnamespace py one\nstruct A {}");
    let module = &program.modules[0];
    assert_eq!((module.namespace("py"), module.namespace("rs")), (Some("one"), Some("every")));
}

#[test]
fn implicit_ids_count_down_as_apache_s_do() {
    let program = program("struct A { i32 a, 5: i32 b, i32 c, -9: i32 d, 0: i32 e }");
    let ids: Vec<i16> = program.structs[0].fields.iter().map(|field| field.id).collect();
    assert_eq!(ids, [-1, 5, -2, -3, -4]);
}

#[test]
fn enum_values_count_on_from_the_one_before() {
    let program = program("enum E { A, B = 7, C, D = -0x2, E }");
    let numbers: Vec<i32> = program.enums[0].values.iter().map(|value| value.number).collect();
    assert_eq!(numbers, [0, 7, 8, -2, -1]);
}

#[test]
fn only_fields_on_a_circle_are_boxed() {
    let program = program(
        "struct A { 1: optional B b, 2: list<A> c, 3: optional Leaf d, 4: Alias e }
         struct B { 1: optional A a } struct Leaf {} typedef A Alias
         union U { 1: U u, 2: A a } struct Outside { 1: optional A a }",
    );
    let boxed: Vec<Vec<bool>> =
        program.structs.iter().map(|owner| owner.fields.iter().map(|field| field.boxed).collect()).collect();
    assert_eq!(boxed, [vec![true, false, false, true], vec![true], vec![], vec![true, false], vec![false]]);
}

#[test]
fn union_fields_are_optional_and_arguments_never_are() {
    let program = program("union U { 1: required i32 a, 2: i32 b } service S { void f(1: optional i32 a, 2: required i32 b) }");
    assert_eq!(program.structs[0].kind, StructKind::Union);
    assert!(program.structs[0].fields.iter().all(|field| field.requiredness == Requiredness::Optional));
    let arguments = &program.services[0].functions[0].arguments;
    assert_eq!(arguments[0].requiredness, Requiredness::Default);
    assert_eq!(arguments[1].requiredness, Requiredness::Required);
}

#[test]
fn values_take_the_form_of_their_type() {
    let program = program(
        "const double A = 1 const bool B = 1 const binary C = 'x' const E D = 2 const i32 F = E.Y const list<double> G = [I, 2]
         const i32 I = 7 enum E { X = 1, Y = 2, Z = 2 } const set<i32> J = [1, 1, I] const map<i32, i32> K = {1: 1, 2: 2, 1: 3}
         const uuid L = '00000000-0000-0000-0000-0000000000ff' const i8 M = 0xff const S N = {'e': E.X, 'b': 5}
         struct S { 1: i64 b, 2: E e }",
    );
    let value = |name: &str| program.constants.iter().find(|constant| constant.head.name == name).map(|constant| &constant.value);
    let id = farthing::idl::model::EnumId(0);
    assert_eq!(value("A"), Some(&Value::Double(1.0)));
    assert_eq!(value("B"), Some(&Value::Bool(true)));
    assert_eq!(value("C"), Some(&Value::Bytes(b"x".to_vec())));
    assert_eq!(value("D"), Some(&Value::Enum { id, index: 1 }));
    assert_eq!(value("F"), Some(&Value::Int(2)));
    assert_eq!(value("G"), Some(&Value::List(vec![Value::Double(7.0), Value::Double(2.0)])));
    assert_eq!(value("J"), Some(&Value::List(vec![Value::Int(1), Value::Int(7)])));
    let pairs = vec![(Value::Int(1), Value::Int(3)), (Value::Int(2), Value::Int(2))];
    assert_eq!(value("K"), Some(&Value::Map(pairs)));
    assert_eq!(value("L"), Some(&Value::Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff])));
    assert_eq!(value("M"), Some(&Value::Int(-1)));
    let fields = vec![(1, Value::Enum { id, index: 0 }), (0, Value::Int(5))];
    assert_eq!(value("N"), Some(&Value::Struct { id: farthing::idl::model::StructId(0), fields }));
}

#[test]
fn annotations_keep_their_place_and_order() {
    let program = program("struct A { 1: list<i32 (a = '1')> (b = '2', c) d (e = '3', e = '4') } (f)");
    let field = &program.structs[0].fields[0];
    let Type::List(element) = &field.ty.ty else { panic!("a list was written") };
    assert_eq!(element.annotations.get("a"), Some("1"));
    assert_eq!(field.ty.annotations.0, [("b".into(), "2".into()), ("c".into(), "1".into())]);
    assert_eq!(field.annotations.get("e"), Some("4"));
    assert_eq!(program.structs[0].head.annotations.get("f"), Some("1"));
}

#[test]
fn cpp_type_is_kept_as_an_annotation() {
    let program = program("struct A { 1: map cpp_type 'X' <i32, i32> a }");
    assert_eq!(program.structs[0].fields[0].ty.annotations.get("cpp.type"), Some("X"));
}

#[test]
fn a_senum_is_a_string_with_its_literals() {
    let program = program("senum S { 'a', 'b' } struct A { 1: S s = 'a' }");
    assert_eq!(program.typedefs[0].literals.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
    assert_eq!(program.resolve(&program.structs[0].fields[0].ty.ty), &Type::String);
}

#[test]
fn a_oneway_function_has_no_result() {
    let program = program("service S { oneway i32 f() }");
    let function = &program.services[0].functions[0];
    assert!(function.oneway && function.returns.is_none());
}

#[test]
fn inherited_functions_come_first() {
    let program = program("service C extends B { void c() } service B extends A { void b() } service A { void a() }");
    let names: Vec<&str> = program.all_functions(ServiceId(0)).iter().map(|(_, function)| function.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_file_reached_by_two_paths_is_one_module() {
    let (program, diagnostics) = compile_texts(&[
        ("root.thrift", b"include 'a/one.thrift' include 'b/two.thrift' struct R { 1: one.A a, 2: two.B b }"),
        ("a/one.thrift", b"include '../common.thrift' struct A { 1: common.C c }"),
        ("b/two.thrift", b"include './../common.thrift' struct B { 1: common.C c }"),
        ("common.thrift", b"struct C {}"),
    ]);
    let program = program.unwrap_or_else(|| panic!("{}", diagnostics.render(false)));
    assert_eq!(program.modules.len(), 4);
    let root = program.roots[0];
    assert_eq!(program[root].includes.len(), 2);
    assert_eq!(program.files_of(root).len(), 4);
}

#[test]
fn files_of_one_name_share_their_prefix() {
    let (program, diagnostics) = compile_texts(&[
        ("root.thrift", b"include 'a/t.thrift' include 'b/t.thrift' struct R { 1: t.A a, 2: t.B b }"),
        ("a/t.thrift", b"struct A {}"),
        ("b/t.thrift", b"struct B {}"),
    ]);
    assert!(program.is_some(), "{}", diagnostics.render(false));
}

#[test]
fn one_mistake_gives_one_finding() {
    let (_, diagnostics) = super::compile_text(
        "struct A { 1: Missing a = {'x': 1} } const A B = {'a': 5} typedef Missing2 C const list<C> D = [1, 'x'] const i32 E = F
         const i32 F = 'x' service S extends T { void f() throws (1: C c) }",
    );
    let codes: Vec<&str> = diagnostics.iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["E031", "E031", "E050", "E034"]);
}
