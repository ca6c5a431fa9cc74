//! The contract as the generators read it: the types of a subject, in their order.

use std::path::Path;
use wit_parser::{Docs, Resolve, Type, TypeDefKind, TypeId};

/// A type of the contract.
#[derive(Clone)]
pub(crate) enum Ty {
    Bool,
    Number(&'static str),
    Text,
    Name,
    Date,
    Instant,
    Words(String),
    Record(String),
    Variant(String),
    Option(Box<Self>),
    List(Box<Self>),
}

/// A field, or the case of a variant.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) of: Ty,
    pub(crate) docs: String,
}

/// A record or a variant.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) parts: Vec<Part>,
}

pub(crate) struct Words {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) words: Vec<String>,
}

/// The types of a subject. Records come before the types of their fields.
#[derive(Default)]
pub(crate) struct Contract {
    pub(crate) records: Vec<Shape>,
    pub(crate) variants: Vec<Shape>,
    /// The sets of words, in the order of the file.
    pub(crate) words: Vec<Words>,
}

impl Contract {
    pub(crate) fn read(folder: &Path) -> Self {
        let mut resolve = Resolve::default();
        resolve.push_path(folder).expect("the contract");
        let mut contract = Self::default();
        contract.add(&resolve, find(&resolve, "subject"));
        let position = |words: &Words| find(&resolve, &words.name).index();
        contract.words.sort_by_key(position);
        contract
    }

    pub(crate) fn claims(&self) -> &Shape {
        self.variants.iter().find(|variant| variant.name == "claims").expect("the kinds")
    }

    pub(crate) fn record(&self, name: &str) -> &Shape {
        self.records.iter().find(|record| record.name == name).unwrap_or_else(|| panic!("no record {name}"))
    }

    /// The names of the records and words within `of`, each before those within it.
    pub(crate) fn within(&self, of: &Ty) -> Vec<String> {
        match of {
            Ty::Record(name) => {
                let parts = self.record(name).parts.iter().flat_map(|part| self.within(&part.of));
                [name.clone()].into_iter().chain(parts).collect()
            }
            Ty::Words(name) => vec![name.clone()],
            Ty::Option(of) | Ty::List(of) => self.within(of),
            Ty::Bool | Ty::Number(_) | Ty::Text | Ty::Name | Ty::Date | Ty::Instant | Ty::Variant(_) => Vec::new(),
        }
    }

    /// Whether it has no pointers.
    pub(crate) fn is_flat(&self, of: &Ty) -> bool {
        match of {
            Ty::Record(name) => self.record(name).parts.iter().all(|part| self.is_flat(&part.of)),
            Ty::Option(of) => self.is_flat(of),
            Ty::Text | Ty::List(_) | Ty::Variant(_) => false,
            Ty::Bool | Ty::Number(_) | Ty::Name | Ty::Date | Ty::Instant | Ty::Words(_) => true,
        }
    }

    fn add(&mut self, resolve: &Resolve, id: TypeId) {
        let ty = &resolve.types[id];
        let name = ty.name.clone().unwrap_or_default();
        let is_known = self.records.iter().chain(&self.variants).any(|shape| shape.name == name)
            || self.words.iter().any(|words| words.name == name);
        if is_known {
            return;
        }
        let docs = text(&ty.docs);
        let parts: Vec<(&str, &Docs, Type)> = match &ty.kind {
            TypeDefKind::Record(record) => {
                record.fields.iter().map(|field| (&*field.name, &field.docs, field.ty)).collect()
            }
            TypeDefKind::Variant(variant) => variant
                .cases
                .iter()
                .map(|case| (&*case.name, &case.docs, case.ty.expect("it holds something")))
                .collect(),
            TypeDefKind::Enum(words) => {
                let words = words.cases.iter().map(|case| case.name.clone()).collect();
                self.words.push(Words { name, docs, words });
                return;
            }
            TypeDefKind::Option(of) | TypeDefKind::List(of) | TypeDefKind::Type(of) => {
                if let Type::Id(id) = of {
                    self.add(resolve, *id);
                }
                return;
            }
            other => panic!("no type of a subject: {other:?}"),
        };
        let part = |(name, docs, of): &(&str, &Docs, Type)| Part {
            name: (*name).to_owned(),
            of: type_of(resolve, *of),
            docs: text(docs),
        };
        let shape = Shape { name, docs, parts: parts.iter().map(part).collect() };
        if matches!(ty.kind, TypeDefKind::Record(_)) { &mut self.records } else { &mut self.variants }.push(shape);
        for (.., of) in parts {
            if let Type::Id(id) = of {
                self.add(resolve, id);
            }
        }
    }
}

fn find(resolve: &Resolve, name: &str) -> TypeId {
    let mut types = resolve.types.iter();
    types.find(|(_, ty)| ty.name.as_deref() == Some(name)).unwrap_or_else(|| panic!("no type {name}")).0
}

fn type_of(resolve: &Resolve, of: Type) -> Ty {
    let id = match of {
        Type::Bool => return Ty::Bool,
        Type::U8 => return Ty::Number("u8"),
        Type::U32 => return Ty::Number("u32"),
        Type::S32 => return Ty::Number("i32"),
        Type::S64 => return Ty::Number("i64"),
        Type::F64 => return Ty::Number("f64"),
        Type::String => return Ty::Text,
        Type::Id(id) => id,
        other => panic!("no type of a subject: {other:?}"),
    };
    let name = resolve.types[id].name.clone().unwrap_or_default();
    match &resolve.types[id].kind {
        TypeDefKind::Record(_) => Ty::Record(name),
        TypeDefKind::Variant(_) => Ty::Variant(name),
        TypeDefKind::Enum(_) => Ty::Words(name),
        TypeDefKind::Option(of) => Ty::Option(Box::new(type_of(resolve, *of))),
        TypeDefKind::List(of) => Ty::List(Box::new(type_of(resolve, *of))),
        TypeDefKind::Type(of) => match &*name {
            "name" => Ty::Name,
            "date" => Ty::Date,
            "instant" => Ty::Instant,
            _ => type_of(resolve, *of),
        },
        other => panic!("no type of a subject: {other:?}"),
    }
}

fn text(docs: &Docs) -> String {
    // Headings in the file count as documentation of what follows them.
    let lines = docs.contents.as_deref().unwrap_or_default().lines().filter(|line| !line.starts_with("----"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The name as Rust names a field.
pub(crate) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// The name as Rust names a type or a case.
pub(crate) fn camel(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The name as Rust names a static.
pub(crate) fn capitals(name: &str) -> String {
    snake(name).to_uppercase()
}

/// The kind whose claims a case holds, as `supply.end_of_life` for `supply-end-of-life`.
pub(crate) fn kind(case: &str) -> String {
    case.replacen('-', ".", 1).replace('-', "_")
}
