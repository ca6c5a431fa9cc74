//! How fields of claims are read: ranges checked, fractions as whole numbers.

use crate::{BasisPoints, Instant, Organisation, WHOLE_BP};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// Organisations inside claims are read as written; `Claims::spell` checks them before anyone sees them.
impl<'de> Deserialize<'de> for Organisation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::checked_before(&name))
    }
}

pub(super) fn share_bp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BasisPoints, D::Error> {
    let share = u32::deserialize(deserializer)?;
    if share > WHOLE_BP {
        return Err(D::Error::custom(format!("a share is 0 to {WHOLE_BP} basis points, not {share}")));
    }
    Ok(share)
}

pub(super) fn optional_share_bp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BasisPoints>, D::Error> {
    share_bp(deserializer).map(Some)
}

/// Reads a number from `LOW..=HIGH`.
pub(super) fn ranged<'de, D: Deserializer<'de>, const LOW: u8, const HIGH: u8>(
    deserializer: D,
) -> Result<u8, D::Error> {
    let value = i64::deserialize(deserializer)?;
    u8::try_from(value)
        .ok()
        .filter(|level| (LOW..=HIGH).contains(level))
        .ok_or_else(|| D::Error::custom(format!("expected {LOW} to {HIGH}, not {value}")))
}

pub(super) fn optional_ranged<'de, D: Deserializer<'de>, const LOW: u8, const HIGH: u8>(
    deserializer: D,
) -> Result<Option<u8>, D::Error> {
    Option::<i64>::deserialize(deserializer)?
        .map(|value| ranged::<_, LOW, HIGH>(serde::de::value::I64Deserializer::<D::Error>::new(value)))
        .transpose()
}

/// Per cent on the wire, parts per million inside: 25.01 % is 250 100, exactly.
pub(super) mod percent {
    use super::*;

    pub(in crate::claims) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(D::Error::custom(format!("a percentage is 0 to 100, not {percent}")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0..=1 000 000 after the check above"
        )]
        let ppm = (percent * 10_000.0).round() as u32;
        Ok(ppm)
    }

    pub(in crate::claims) fn serialize<S: serde::Serializer>(ppm: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(*ppm) / 10_000.0)
    }
}

/// Degrees on the wire, millionths of a degree inside.
pub(super) mod degrees {
    use super::*;

    pub(in crate::claims) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
        let Some(degrees) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
        if !(-180.0..=180.0).contains(&degrees) {
            return Err(D::Error::custom(format!("a coordinate is -180 to 180 degrees, not {degrees}")));
        }
        #[expect(clippy::cast_possible_truncation, reason = "within ±180 000 000 after the check above")]
        let micro = (degrees * 1_000_000.0).round() as i32;
        Ok(Some(micro))
    }

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(in crate::claims) fn serialize<S: serde::Serializer>(
        micro: &Option<i32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        micro.map(|micro| f64::from(micro) / 1_000_000.0).serialize(serializer)
    }
}

/// A date, or an instant of which a date means the start.
pub(super) fn start<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    Instant::parse_start(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}
