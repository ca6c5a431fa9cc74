//! Bytes that are stored packed (LZ4): whole, or as their difference from a base.
//!
//! The scores of an organisation, and the facts behind them, mostly differ by a few digests and figures: as a difference from
//! the one before, a score takes a twentieth of its whole size. A difference takes less than half of what its base takes;
//! where it would take more, the base's base is used, and in the end the bytes are stored whole and become the next base. So
//! chains of bases are short, and never longer than [`MAX_DEPTH`]. Text is folded before it is packed ([`fold`](super::fold)),
//! and a dictionary holds what all rows of its kind have in common.

use super::fold::{fold, unfold};
use lz4_flex::block::{compress_with_dict, decompress_with_dict};
use rusqlite::{
    Connection, ToSql,
    functions::FunctionFlags,
    types::{ToSqlOutput, Type},
};
use std::borrow::Cow;

/// The dictionary of packed text. Reading what is packed needs it: another dictionary would be another [`Packing`].
const DICTIONARY: &[u8] = include_bytes!("pack.dictionary.txt");
/// Nothing that is stored has this many bytes. The two highest bits of a length say the form.
const BYTES_END: u32 = 1 << FORM_SHIFT;
const FORM_SHIFT: u32 = 30;
/// One byte of LZ4 unpacks to no more bytes than this.
const MAX_UNPACKED_RATIO: usize = 255;
/// A difference takes less than one part in this many of what its base takes. The more it takes, the more do all that follow;
/// a new base costs its own size.
const MAX_TOLD_PART: usize = 2;
/// Most bases, each stored as a difference from the next one, that are read for one row.
pub(super) const MAX_DEPTH: usize = 3;

/// How bytes were changed before they were packed, and which dictionary they use beside their base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    /// Unchanged, and without a dictionary: what is no text, and what schema 5 packed.
    Plain = 0,
    /// Folded by [`fold`], with [`DICTIONARY`].
    Folded = 1,
}

/// Bytes from which others may be stored as a difference.
#[derive(Debug)]
pub(super) struct Base {
    /// The number of its row.
    pub(super) id: i64,
    /// Its bytes, unpacked.
    pub(super) bytes: Vec<u8>,
    /// How many bytes it takes packed.
    pub(super) packed_bytes: usize,
}

/// Bytes as they are stored.
#[derive(Debug)]
pub(super) struct Packed {
    /// The row that is their base; `None`: they are stored whole.
    pub(super) base: Option<i64>,
    /// `None`: they were too many.
    bytes: Option<Vec<u8>>,
}

impl ToSql for Packed {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.bytes.as_ref().ok_or_else(too_many)?.to_sql()
    }
}

impl Packed {
    /// Packs `bytes` as a difference from the first of `bases` that makes it small enough, else whole. Each of the bases is a
    /// difference from the next one, and the last is whole.
    pub(super) fn of(bytes: &[u8], bases: &[Base]) -> Self {
        let first = bases.len().saturating_sub(MAX_DEPTH);
        let told = bases.iter().skip(first).find_map(|base| {
            let told = pack(bytes, &base.bytes).filter(|told| told.len() < base.packed_bytes / MAX_TOLD_PART)?;
            Some(Self { base: Some(base.id), bytes: Some(told) })
        });
        told.unwrap_or_else(|| Self::beside(bytes, &[]))
    }

    /// Packs bytes as a difference from another column of their row.
    pub(super) fn beside(bytes: &[u8], other: &[u8]) -> Self {
        Self { base: None, bytes: pack(bytes, other) }
    }
}

/// Adds `pack(bytes, base)` to a connection, for the migration that packs what lay unpacked.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("pack", 2, flags, |arguments| {
        let (bytes, base) = (arguments.get_raw(0).as_bytes_or_null()?, arguments.get_raw(1).as_bytes()?);
        bytes.map(|bytes| pack(bytes, base).ok_or_else(too_many)).transpose()
    })
}

/// What cannot be unpacked, and why.
pub(super) fn damaged(why: &str) -> rusqlite::Error {
    let why = format!("packed bytes that cannot be unpacked: {why}");
    rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, why.into())
}

fn too_many() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("more bytes than one row may hold".into())
}

/// Packs, with the length and the form in four bytes before it; `None`: there are too many bytes.
fn pack(bytes: &[u8], base: &[u8]) -> Option<Vec<u8>> {
    let folded = fold(bytes);
    // Folding makes bytes that are no text longer.
    let (form, bytes) = if folded.len() <= bytes.len() { (Packing::Folded, &*folded) } else { (Packing::Plain, bytes) };
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length < BYTES_END)?;
    let mut packed = (length | (form as u32) << FORM_SHIFT).to_le_bytes().to_vec();
    packed.append(&mut compress_with_dict(bytes, &form.dictionary(base)));
    Some(packed)
}

/// Unpacks a row and its bases, given from the row itself to the base that is whole. Returns the bytes of each.
pub(super) fn unpack_chain(chain: &[&[u8]]) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut unpacked: Vec<Vec<u8>> = Vec::with_capacity(chain.len());
    for packed in chain.iter().rev() {
        unpacked.push(unpack(packed, unpacked.last().map_or(&[], Vec::as_slice))?);
    }
    unpacked.reverse();
    Ok(unpacked)
}

/// The bytes that were packed; `base` is empty where they are stored whole.
pub(super) fn unpack(packed: &[u8], base: &[u8]) -> rusqlite::Result<Vec<u8>> {
    let Some((head, packed)) = packed.split_first_chunk() else {
        return Err(damaged("they do not say how many they are"));
    };
    let head = u32::from_le_bytes(*head);
    let length = (head % BYTES_END) as usize;
    let form = Packing::of(head).ok_or_else(|| damaged("their form is none that is known"))?;
    if length > packed.len().saturating_mul(MAX_UNPACKED_RATIO) {
        return Err(damaged("they say that they are more than they can be"));
    }
    let bytes = decompress_with_dict(packed, length, &form.dictionary(base));
    let bytes = bytes.map_err(|error| damaged(&error.to_string()))?;
    if bytes.len() != length {
        return Err(damaged("they are fewer than they say"));
    }
    match form {
        Packing::Plain => Ok(bytes),
        Packing::Folded => unfold(&bytes).map_err(|_| damaged("nothing is folded to them")),
    }
}

impl Packing {
    fn of(head: u32) -> Option<Self> {
        [Self::Plain, Self::Folded].into_iter().find(|form| *form as u32 == head >> FORM_SHIFT)
    }

    /// The dictionary for bytes of this form, the base at its end.
    fn dictionary(self, base: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(base),
            Self::Folded if base.is_empty() => Cow::Borrowed(DICTIONARY),
            Self::Folded => Cow::Owned([DICTIONARY, &fold(base)].concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::{collection::vec, prelude::*};

    fn packed(bytes: &[u8], base: &[u8]) -> Vec<u8> {
        pack(bytes, base).expect("few enough")
    }

    proptest! {
        /// Any bytes come back from any base.
        #[test]
        fn what_is_packed_comes_back(base in vec(any::<u8>(), 0..300), bytes in vec(any::<u8>(), 0..300), cut in 0..300usize) {
            let mixed = [&base[cut.min(base.len())..], &*bytes, &*base].concat();
            let digits = hex::encode(&mixed).into_bytes();
            let text = format!("{{\"payload\":\"{}\"}}", STANDARD.encode(&digits)).into_bytes();
            for bytes in [bytes, mixed, digits, text] {
                for base in [&base, &hex::encode(&base).into_bytes(), &Vec::new()] {
                    prop_assert_eq!(&unpack(&packed(&bytes, base), base).expect("unpacked"), &bytes);
                }
            }
        }
    }

    /// What schema 5 packed is read as it was, and so is a difference from it.
    #[test]
    fn the_earlier_form_is_read() {
        let digest = "00ff10ab00ff10ab00ff10ab00ff10ab";
        let old = |bytes: &str, base: &str| {
            lz4_flex::block::compress_prepend_size_with_dict(bytes.as_bytes(), base.as_bytes())
        };
        let (first, second) =
            (format!("{{\"digest\":\"{digest}\",\"n\":1}}"), format!("{{\"digest\":\"{digest}\",\"n\":2}}"));
        assert_eq!(unpack(&old(&first, ""), &[]), Ok(first.clone().into_bytes()));
        assert_eq!(unpack(&old(&second, &first), first.as_bytes()), Ok(second.clone().into_bytes()));
        assert_eq!(unpack(&packed(second.as_bytes(), first.as_bytes()), first.as_bytes()), Ok(second.into_bytes()));
    }

    #[test]
    fn what_drifts_from_its_base_lies_whole() {
        let text = |from: u32| (from..from + 200).map(|number| format!("{number:08x}")).collect::<String>();
        let bytes = text(0).into_bytes();
        let base = Base { id: 7, packed_bytes: packed(&bytes, &[]).len(), bytes };
        let bases = [base];
        let alike = Packed::of(text(3).as_bytes(), &bases);
        assert_eq!(alike.base, Some(7));
        assert!(alike.bytes.expect("packed").len() < 100);
        let other = Packed::of(text(9_000_000).as_bytes(), &bases);
        assert_eq!(other.base, None);
        assert_eq!(unpack(&other.bytes.expect("packed"), &[]), Ok(text(9_000_000).into_bytes()));
    }

    /// A difference takes less than its part of the base, to the byte.
    #[test]
    fn the_part_of_a_base_is_exact() {
        let (bytes, one) = (b"what somebody says of it".to_vec(), b"what another one says of it");
        let told = packed(one, &bytes).len();
        for (packed_bytes, base) in [(MAX_TOLD_PART * (told + 1), Some(7)), (MAX_TOLD_PART * (told + 1) - 1, None)] {
            let bases = [Base { id: 7, bytes: bytes.clone(), packed_bytes }];
            assert_eq!(Packed::of(one, &bases).base, base, "{packed_bytes}");
        }
    }

    /// Bases are tried from the nearest on, except those at the limit of depth.
    #[test]
    fn a_chain_of_bases_has_its_limit() {
        let bytes = b"what somebody says of it".to_vec();
        let bases = |count: i64| -> Vec<Base> {
            (0..count).map(|id| Base { id, bytes: bytes.clone(), packed_bytes: 1000 }).collect()
        };
        let base_of = |count| Packed::of(&bytes, &bases(count)).base;
        let most = i64::try_from(MAX_DEPTH).expect("few");
        assert_eq!([0, 1, most, most + 1, most + 2].map(base_of), [None, Some(0), Some(0), Some(1), Some(2)]);
        let mut drifted = bases(2);
        drifted[0].packed_bytes = 10;
        assert_eq!(Packed::of(&bytes, &drifted).base, Some(1));
    }

    #[test]
    fn too_many_bytes_are_refused_where_they_are_written() {
        assert!(Packed { base: None, bytes: None }.to_sql().is_err());
    }

    #[test]
    fn damage_is_an_error_and_no_panic() {
        let packed = packed(b"some bytes, some bytes, some bytes", &[]);
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut], &[]).is_err(), "{cut}");
        }
        let refused = |packed: &[u8]| unpack(packed, &[]).expect_err("refused").to_string();
        let more = "they say that they are more than they can be";
        // A gigabyte from 36 bytes; the two forms that are none; one byte more than one byte can tell.
        assert!(refused(&[&[255, 255, 255, 63][..], &[255; 36]].concat()).ends_with(more));
        for form in [2_u32, 3] {
            let head = (form << FORM_SHIFT).to_le_bytes();
            assert!(refused(&[&head[..], &[0]].concat()).ends_with("their form is none that is known"));
        }
        assert!(refused(&[0, 1, 0, 0, 0]).ends_with(more));
        assert!(!refused(&[255, 0, 0, 0, 0]).ends_with(more));
        // Folded bytes that nothing is folded to.
        let unfolded = [&(1_u32 | (Packing::Folded as u32) << FORM_SHIFT).to_le_bytes()[..], &[0x10, 3]].concat();
        assert!(refused(&unfolded).ends_with("nothing is folded to them"), "{}", refused(&unfolded));
    }
}
