//! Names to numbers and back, for questions about one need or one owner.

use super::{Network, graph::NodeIx};
use crate::model::{Organisation, claims::Text};

impl Network {
    /// The number of `item` in needs, the same for as long as the network lives; `None` when no statement has
    /// named it. The text is compared exactly.
    #[must_use]
    pub fn item(&self, item: &Text) -> Option<u32> {
        self.statements.items.find(item)
    }

    /// The text by which statements name the item of this number, as [`Need::item`](crate::graph::Need::item) has it.
    ///
    /// # Panics
    /// When no item has the number.
    #[must_use]
    pub fn item_name(&self, item: u32) -> &Text {
        self.statements.items.name(item)
    }

    /// The last of the chain of parents of `node`; itself when it has none. Where parents form a cycle, the one on it whose
    /// name comes first.
    ///
    /// # Panics
    /// When no organisation has the number `node`.
    #[must_use]
    pub fn ultimate_parent(&self, node: NodeIx) -> &Organisation {
        self.organisation(self.statements.ultimate_parent(node))
    }
}
