//! The guest's side: how the SDK reads each type.

use super::{
    MADE,
    wit::{Contract, Shape, Ty, camel, snake},
};
use std::fmt::Write as _;

pub(crate) fn contract(contract: &Contract) -> String {
    let mut text = format!("//! The types that a subject is made of, as they are read. {MADE}\n\nuse super::*;\n\n");
    let words = contract.words.iter().map(|words| camel(&words.name)).collect::<Vec<_>>().join(" ");
    let _ = write!(text, "enums! {{ {words} }}\n\nvariants! {{\n");
    for variant in &contract.variants {
        let _ = writeln!(text, "    {} {{", camel(&variant.name));
        for (index, case) in variant.parts.iter().enumerate() {
            let _ = writeln!(text, "        {index} {}({}),", camel(&case.name), rust(&case.of));
        }
        text += "    }\n";
    }
    text += "}\n\nrecords! {\n";
    for record in &contract.records {
        text += &entry(record);
    }
    text + "}\n"
}

fn entry(record: &Shape) -> String {
    let field = |field: &super::wit::Part| format!("        {}: {}", snake(&field.name), rust(&field.of));
    let fields = record.parts.iter().map(field).collect::<Vec<_>>().join(",\n");
    format!("    {} {{\n{fields}\n    }}\n", camel(&record.name))
}

fn rust(of: &Ty) -> String {
    match of {
        Ty::Bool => "bool".to_owned(),
        Ty::Number(number) => (*number).to_owned(),
        Ty::Text => "String".to_owned(),
        Ty::Name => "u32".to_owned(),
        Ty::Date => "i32".to_owned(),
        Ty::Instant => "i64".to_owned(),
        Ty::Words(name) | Ty::Record(name) | Ty::Variant(name) => camel(name),
        Ty::Option(of) => format!("Option<{}>", rust(of)),
        Ty::List(of) => format!("Vec<{}>", rust(of)),
    }
}
