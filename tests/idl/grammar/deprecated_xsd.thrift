struct A xsd_all { 1: i32 a = 1 xsd_optional xsd_nillable xsd_attrs { 1: string b = "c" (d = "e"); 2: required i32 f } (g = "h"), }
