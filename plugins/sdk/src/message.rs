//! The table of a rule's messages. Assessments carry a message's index and its arguments; the daemon makes the text.

use crate::bindings::plugin::Message;

/// A message of a rule's table, made by [`messages!`](crate::messages).
pub trait Code: Copy {
    /// Its index in the table.
    fn index(self) -> u32;
}

/// A message of the manifest from its three texts.
#[doc(hidden)]
#[must_use]
pub fn message(&(code, text, remedy): &(&str, &str, &str)) -> Message {
    Message { code: code.into(), text: text.into(), remedy: remedy.into() }
}

/// Declares a rule's messages as `CODE: "text" => "remedy";`. Makes an enum `Message` of the codes, whose `table()` goes
/// into the manifest. `{0}`, `{1}` … in the texts stand for the arguments; a remedy is empty where there is nothing to do.
#[macro_export]
macro_rules! messages {
    ($($(#[$doc:meta])* $code:ident: $text:expr => $remedy:expr;)+) => {
        /// The messages of the rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "written as dashboards and alerts select by it")]
        enum Message {
            $($(#[$doc])* $code,)+
        }

        impl Message {
            /// The messages of the manifest, in the order of their indices.
            fn table() -> ::std::vec::Vec<$crate::Message> {
                const TEXTS: &[(&str, &str, &str)] = &[$((stringify!($code), $text, $remedy)),+];
                TEXTS.iter().map($crate::internal::message).collect()
            }
        }

        impl $crate::Code for Message {
            fn index(self) -> u32 {
                self as u32
            }
        }
    };
}
