//! Bytes that lie packed (LZ4): whole, or as what tells them from a base that lies whole.
//!
//! The scores of an organisation, and the facts behind them, mostly differ by a few digests and figures: against its
//! base such a score takes a tenth of what it takes whole. What has a base needs that one row more to be read and never
//! a chain of them; what has drifted too far from its base lies whole and is the next one's base.

use rusqlite::{
    Connection, ToSql,
    functions::FunctionFlags,
    types::{ToSqlOutput, Type},
};

/// Bytes that unpack to more than this are damaged: nothing that is stored is so large.
const UNPACKED_MAX_BYTES: u32 = 1 << 30;

/// What other bytes may be told from: a row that lies whole.
#[derive(Debug)]
pub(super) struct Base {
    /// Its number.
    pub(super) id: i64,
    /// Its bytes, unpacked.
    pub(super) bytes: Vec<u8>,
    /// How many bytes it takes packed.
    pub(super) packed_bytes: usize,
}

/// Bytes as they lie in the store.
#[derive(Debug)]
pub(super) struct Packed {
    /// The row that they are told from; `None`: they lie whole.
    pub(super) base: Option<i64>,
    bytes: Vec<u8>,
}

impl ToSql for Packed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.bytes.to_sql()
    }
}

impl Packed {
    /// Packs `bytes`: against `base` where that takes less than half of what the base takes, else whole.
    pub(super) fn of(bytes: &[u8], base: Option<&Base>) -> rusqlite::Result<Self> {
        if let Some(base) = base {
            let told = pack(bytes, &base.bytes)?;
            if told.len() < base.packed_bytes / 2 {
                return Ok(Self { base: Some(base.id), bytes: told });
            }
        }
        Ok(Self { base: None, bytes: pack(bytes, &[])? })
    }
}

/// Adds `pack(bytes, base)` to a connection, for the migration that packs what lay unpacked.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("pack", 2, flags, |arguments| {
        let base = arguments.get_raw(1).as_bytes()?;
        arguments.get_raw(0).as_bytes_or_null()?.map(|bytes| pack(bytes, base)).transpose()
    })
}

/// Bytes that another column of their row tells most of.
pub(super) fn beside(bytes: &[u8], other: &[u8]) -> rusqlite::Result<Packed> {
    Ok(Packed { base: None, bytes: pack(bytes, other)? })
}

/// With the length before it, as four bytes.
fn pack(bytes: &[u8], base: &[u8]) -> rusqlite::Result<Vec<u8>> {
    if bytes.len() > UNPACKED_MAX_BYTES as usize {
        return Err(rusqlite::Error::ToSqlConversionFailure("more bytes than one row may hold".into()));
    }
    Ok(lz4_flex::block::compress_prepend_size_with_dict(bytes, base))
}

/// The bytes that [`Packed::of`] packed; `base` is empty where they lie whole.
pub(super) fn unpack(packed: &[u8], base: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let damaged = |why: String| {
        let why = format!("packed bytes that cannot be unpacked: {why}");
        rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, why.into())
    };
    let length = packed.first_chunk().map(|length| u32::from_le_bytes(*length));
    let Some(length) = length.filter(|length| *length <= UNPACKED_MAX_BYTES) else {
        return Err(damaged("they do not say how many they are".to_owned()));
    };
    let bytes = lz4_flex::block::decompress_size_prepended_with_dict(packed, base);
    let bytes = bytes.map_err(|error| damaged(error.to_string()))?;
    if bytes.len() != length as usize {
        return Err(damaged("they are fewer than they say".to_owned()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Whatever lies against whatever base comes back.
        #[test]
        fn what_is_packed_comes_back(base in vec(any::<u8>(), 0..300), bytes in vec(any::<u8>(), 0..300), cut in 0..300usize) {
            let mixed = [&base[cut.min(base.len())..], &*bytes, &*base].concat();
            for bytes in [&*bytes, &*mixed] {
                let packed = pack(bytes, &base).expect("packed");
                prop_assert_eq!(unpack(&packed, &base).expect("unpacked"), bytes);
            }
        }
    }

    #[test]
    fn what_drifts_from_its_base_lies_whole() {
        let text = |from: u32| (from..from + 200).map(|number| format!("{number:08x}")).collect::<String>();
        let bytes = text(0).into_bytes();
        let whole = Packed::of(&bytes, None).expect("packed");
        let base = Base { id: 7, bytes, packed_bytes: whole.bytes.len() };
        let alike = Packed::of(text(3).as_bytes(), Some(&base)).expect("packed");
        assert_eq!(alike.base, Some(7));
        assert!(alike.bytes.len() < 100, "{} bytes", alike.bytes.len());
        let other = Packed::of(text(9_000_000).as_bytes(), Some(&base)).expect("packed");
        assert_eq!(other.base, None);
        assert_eq!(unpack(&other.bytes, &[]).expect("unpacked"), text(9_000_000).into_bytes());
    }

    #[test]
    fn damage_is_an_error_and_no_panic() {
        let packed = pack(b"some bytes, some bytes, some bytes", &[]).expect("packed");
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut], &[]).is_err(), "{cut}");
        }
        assert!(unpack(&[255; 40], &[]).is_err());
    }
}
