//! What of a failure may pass.

use crate::store::StoreError;

/// Whether what failed is trouble of the store that may pass.
pub(super) fn may_pass(error: &anyhow::Error) -> bool {
    error.downcast_ref::<StoreError>().is_some_and(StoreError::may_pass)
}
