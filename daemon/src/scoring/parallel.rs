//! Work on all cores.

use rayon::prelude::*;

/// Does `work` on each of `items` on all cores, in their order; a few items are done on the calling thread.
pub(crate) fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    /// Below this many items, waking another thread costs more than it saves.
    const FEW_ITEMS: usize = 64;
    if items.len() <= FEW_ITEMS {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().map(work).collect()
}
