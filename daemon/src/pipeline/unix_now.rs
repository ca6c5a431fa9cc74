//! The time for gauges.

use crate::model::Instant;

pub(super) fn unix_seconds_now() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    let seconds = Instant::now().unix_seconds() as f64;
    seconds
}
