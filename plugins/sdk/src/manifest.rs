//! The macro for a rule's manifest.

/// Makes the [`Manifest`](crate::Manifest) of a rule as `dimension: …, help: …, kinds: […], facts: […]`. Its name and its
/// version are the crate's, its parameters and its messages those that [`parameters!`](crate::parameters) and
/// [`messages!`](crate::messages) made beside it; a fact is named without `Fact::`.
#[macro_export]
macro_rules! manifest {
    (dimension: $dimension:expr, help: $help:expr, kinds: [$($kind:expr),* $(,)?], facts: [$($fact:ident),* $(,)?] $(,)?) => {
        $crate::Manifest {
            name: ::std::env!("CARGO_PKG_NAME").into(),
            version: ::std::env!("CARGO_PKG_VERSION").into(),
            dimension: $dimension.into(),
            help: $help.into(),
            kinds: [$($kind),*].map(::std::string::String::from).into(),
            facts: ::std::vec![$($crate::Fact::$fact),*],
            parameters: Parameters::schema(),
            messages: Message::table(),
        }
    };
}
