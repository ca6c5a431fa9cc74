//! What one expression comes to, instead of an answer: `tierwatch plugin eval` asks so, and every value stays within the sandbox
//! until the daemon has put names in the place of handles. The answer's reason has the type and how many there are; each value is
//! a finding, whose message says of which field and type it is. What is absent has none.

use crate::{
    answer::argument,
    language::{Base, Evaluation, Field, Get, Many, Node, Record, Type, Value},
};
use tierwatch_rule::{Argument, Assessment, Finding, Message, Outcome, Reason, Severity};

/// Most values of one answer: with all that belongs to them they stay within what an assessment may come to.
const MAX_VALUES: usize = 64;
/// Most fields of what is shown, those of records within it included.
const MAX_FIELDS: usize = 200;
/// How deep records within records have their fields shown.
const MAX_DEPTH: usize = 3;
/// Longest path of a field that is shown, in characters.
const MAX_PATH_CHARS: usize = 256;

/// An expression that is shown.
#[derive(Debug)]
pub(crate) struct Show {
    node: Node,
    of: Type,
    columns: Vec<Column>,
    /// How many values were shown before.
    skip: usize,
}

/// A field of what is shown, or the value itself.
#[derive(Debug)]
struct Column {
    path: Vec<&'static Field>,
    of: Type,
    /// Of records in a list within a record, how many there are.
    is_count: bool,
}

impl Show {
    pub(crate) fn new(node: Node, of: Type, skip: usize) -> Self {
        let mut columns = Vec::new();
        match of.base {
            Base::Record(record) => fields(record, &mut Vec::new(), &mut columns),
            base => columns.push(Column { path: Vec::new(), of: Type::one(base), is_count: false }),
        }
        columns.truncate(MAX_FIELDS);
        Self { node, of, columns, skip }
    }

    /// The type with the number of elements, and then each field with its type, the element's index and the value.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let whole = Message {
            code: "TYPE".into(),
            text: format!("{}\t{{0}}", plain(&self.of.to_string())),
            remedy: String::new(),
        };
        let column = |(index, column): (usize, &Column)| Message {
            code: format!("FIELD_{index}"),
            text: format!("{}\t{}\t{{0}}\t{{1}}", column.name(), plain(&column.of.to_string())),
            remedy: String::new(),
        };
        [whole].into_iter().chain(self.columns.iter().enumerate().map(column)).collect()
    }

    pub(crate) fn shown<'s>(&'s self, evaluation: &mut Evaluation<'s>) -> Assessment {
        let elements = evaluation.value(&self.node).elements();
        let mut values = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            for (message, column) in (1..).zip(&self.columns) {
                let shown = column.values(evaluation, element.clone());
                values.extend(shown.into_iter().map(|value| (index, message, value)));
            }
        }
        let finding = |(index, message, value): (usize, u32, Argument)| Finding {
            message,
            arguments: vec![count(index), value],
            severity: Severity::Info,
            evidence: Vec::new(),
            due_on: None,
        };
        let findings = values.into_iter().skip(self.skip).take(MAX_VALUES).map(finding).collect();
        let reason = Reason { message: 0, arguments: vec![count(elements.len())] };
        Assessment { outcome: Outcome::NotApplicable(reason), findings }
    }
}

impl Column {
    fn name(&self) -> String {
        match self.path.as_slice() {
            [] => "value".to_owned(),
            path if self.is_count => format!("{}.size()", path_of(path)),
            path => path_of(path),
        }
    }

    /// What `element` has there: nothing, one value, or several.
    fn values<'s>(&self, evaluation: &mut Evaluation<'s>, element: Value<'s>) -> Vec<Argument> {
        let found = self.path.iter().fold(element, |value, field| match value {
            Value::Item(item) => evaluation.field(item, field),
            _ => Value::Absent,
        });
        let words = if let Base::Word(words) = self.of.base { words.words } else { &[] };
        let found = found.elements();
        if self.is_count {
            vec![count(found.len())]
        } else {
            found.iter().map(|value| argument(value.clone(), words)).collect()
        }
    }
}

/// The name of a type, as a message can hold it: in one, braces and tabs mean something.
fn plain(name: &str) -> String {
    name.replace(is_special, "_").chars().take(MAX_PATH_CHARS).collect()
}

fn is_special(c: char) -> bool {
    c.is_control() || c == '{' || c == '}'
}

fn path_of(path: &[&'static Field]) -> String {
    path.iter().map(|field| field.name).collect::<Vec<_>>().join(".")
}

fn count(number: usize) -> Argument {
    Argument::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn fields(record: &'static Record, path: &mut Vec<&'static Field>, columns: &mut Vec<Column>) {
    for field in record.all_fields() {
        path.push(field);
        let name = path_of(path);
        let is_shown = name.chars().count() <= MAX_PATH_CHARS && !name.contains(is_special);
        match field.of {
            _ if !is_shown || matches!(field.get, Get::Never { .. }) || columns.len() >= MAX_FIELDS => {}
            Type { base: Base::Record(inner), many: Many::One | Many::Optional } => {
                if path.len() < MAX_DEPTH {
                    fields(inner, path, columns);
                }
            }
            Type { base: Base::Record(_), many: Many::List } => {
                columns.push(Column { path: path.clone(), of: Type::one(Base::Int), is_count: true });
            }
            of => columns.push(Column { path: path.clone(), of, is_count: false }),
        }
        path.pop();
    }
}
