//! How risk is shown to people.

use crate::model::BasisPoints;
use std::fmt;

/// Basis points shown as points of 100, exactly: 6200 as `62.0`, 6234 as `62.34`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points(pub BasisPoints);

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match hundredths % 10 {
            0 => write!(f, "{whole}.{}", hundredths / 10),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}
