//! Names to numbers and back, for those who ask about one need or one owner.

use super::{Network, graph::NodeIx};
use crate::model::{Organisation, claims::Text};

impl Network {
    /// The number under which needs name `item`; `None` when nobody needs or supplies it.
    #[must_use]
    pub fn item(&self, item: &Text) -> Option<u32> {
        self.statements.items.find(item)
    }

    /// What needs call `item`.
    #[must_use]
    pub fn item_name(&self, item: u32) -> &Text {
        self.statements.items.name(item)
    }

    /// The last of the chain of parents of `node`; itself when it has none.
    #[must_use]
    pub fn ultimate_parent(&self, node: NodeIx) -> &Organisation {
        self.organisation(self.statements.ultimate_parent(node))
    }
}
