cpp_namespace example
java_package org.example
php_namespace Example
ruby_namespace Example
py_module example
perl_package Example
csharp_namespace Example
delphi_namespace Example
smalltalk_category Example-Category
smalltalk_prefix EX
cocoa_prefix EX
xsd_namespace "http://example.com/ns"
namespace java org.example;
c_include "a.h"
struct A {};
namespace py late
include "lib/geometry.thrift"
struct B { 1: geometry.Point p }
