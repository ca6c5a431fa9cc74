//! How claims are defined: a struct with `claimed!`, a set of words with `words!`.

/// Defines the claims of a kind, or a part of them. An unknown field is refused: a mistyped `valid_untill` must not become a
/// certificate that never ends. A field's type decides whether it names somebody, who is then spelled and renamed.
macro_rules! claimed {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$of:meta])* pub $field:ident: $type:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$of])* pub $field: $type,)+
        }

        impl $crate::claims::named::Names for $name {
            fn names<'c>(&'c mut self, at: &$crate::claims::Place<'_>, found: $crate::claims::named::Found<'_, 'c>) {
                $($crate::claims::named::Names::names(&mut self.$field, &at.field(stringify!($field)), found);)+
            }
        }
    };
}

/// Defines a set of words, each as it is written.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it in files and answers.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::claims::named::Names for $name {
            fn names<'c>(&'c mut self, _: &$crate::claims::Place<'_>, _: $crate::claims::named::Found<'_, 'c>) {}
        }
    };
}

pub(super) use {claimed, words};
