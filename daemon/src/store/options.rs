//! How a store is opened.

use super::trouble::Trouble;
use std::sync::Arc;

/// How to open a store.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// The database file may grow to this many bytes; `None`: as far as its disk has room. The log beside it comes on
    /// top, normally less than 64 MiB.
    pub size_limit_bytes: Option<u64>,
    /// Where to report trouble that may pass, which the writer then waits for; `None`: a request that meets it fails.
    pub trouble: Option<Arc<Trouble>>,
}
