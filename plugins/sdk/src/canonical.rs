//! Reads subjects from a component's memory, where the daemon has written them in the component model's canonical form. For
//! that, `wit-bindgen` generates a single function with every list and every claim, which took a third of the time of
//! compiling a rule. Here each type reads itself into the memory where it stays, and one function reads each type of list.
//!
//! The lists of types are made from the WIT; a test compares their sizes with the WIT's, and the compiler compares their types
//! with the generated ones.

#![cfg_attr(target_arch = "wasm32", expect(unsafe_code, reason = "it reads memory by address"))]

use crate::bindings::plugin::*;
#[cfg(target_arch = "wasm32")]
use std::{
    alloc::{Layout, alloc, handle_alloc_error},
    cell::Cell,
    mem::MaybeUninit,
};

/// A type of the contract in its canonical form.
trait Canonical: Sized {
    const SIZE: usize;
    const ALIGN: usize;

    /// Reads it into the memory where it stays.
    ///
    /// # Safety
    /// `from` points to a valid value in canonical form that nobody else will use; `to` may be written.
    #[cfg(target_arch = "wasm32")]
    unsafe fn read(from: *const u8, to: *mut Self);
}

#[cfg(target_arch = "wasm32")]
thread_local! {
    /// The subjects of the last call.
    static SUBJECTS: Cell<&'static [Subject]> = const { Cell::new(&[]) };
}

/// The subjects of the last call. They are never freed, since the instance ends with the call.
#[cfg(target_arch = "wasm32")]
pub fn subjects() -> &'static [Subject] {
    SUBJECTS.get()
}

/// Reads the subjects of a call.
///
/// # Safety
/// They have the contract's form, and nobody else will use them.
#[cfg(target_arch = "wasm32")]
pub unsafe fn read_subjects(start: *const u8, count: usize) {
    SUBJECTS.set(unsafe { read_list(start, count) }.leak());
}

macro_rules! plain {
    ($($type:ty)+) => {$(
        impl Canonical for $type {
            const SIZE: usize = size_of::<Self>();
            const ALIGN: usize = size_of::<Self>();

            #[cfg(target_arch = "wasm32")]
            unsafe fn read(from: *const u8, to: *mut Self) {
                unsafe { to.write(from.cast::<Self>().read()) }
            }
        }
    )+};
}

macro_rules! enums {
    ($($type:ident)+) => {$(
        impl Canonical for $type {
            const SIZE: usize = 1;
            const ALIGN: usize = 1;

            #[cfg(target_arch = "wasm32")]
            unsafe fn read(from: *const u8, to: *mut Self) {
                unsafe { to.write(Self::_lift(*from)) }
            }
        }
    )+};
}

/// The end of a record's field of this size and alignment, if the field before ends at `at`.
const fn after(at: usize, size: usize, align: usize) -> usize {
    at.next_multiple_of(align) + size
}

const fn greatest(numbers: &[usize]) -> usize {
    let (mut greatest, mut index) = (1, 0);
    while index < numbers.len() {
        if numbers[index] > greatest {
            greatest = numbers[index];
        }
        index += 1;
    }
    greatest
}

macro_rules! records {
    ($($record:ident { $($field:ident: $type:ty),+ })+) => {
        $(impl Canonical for $record {
            const SIZE: usize = {
                let mut at = 0;
                $(at = after(at, <$type>::SIZE, <$type>::ALIGN);)+
                at.next_multiple_of(Self::ALIGN)
            };
            const ALIGN: usize = greatest(&[$(<$type>::ALIGN),+]);

            #[cfg(target_arch = "wasm32")]
            unsafe fn read(from: *const u8, to: *mut Self) {
                let mut at = 0;
                $(
                    at = after(at, <$type>::SIZE, <$type>::ALIGN);
                    unsafe { <$type>::read(from.add(at - <$type>::SIZE), &raw mut (*to).$field) }
                )+
                let _ = at;
            }
        })+

        #[cfg(test)]
        pub(super) const RECORDS: &[(&str, &[&str], (usize, usize))] = &[
            $((stringify!($record), &[$(stringify!($field)),+], (<$record>::SIZE, <$record>::ALIGN)),)+
        ];
    };
}

macro_rules! variants {
    ($($variant:ident { $($number:literal $case:ident($type:ty),)+ })+) => {
        $(impl Canonical for $variant {
            const SIZE: usize = (Self::ALIGN + greatest(&[$(<$type>::SIZE),+])).next_multiple_of(Self::ALIGN);
            const ALIGN: usize = greatest(&[$(<$type>::ALIGN),+]);

            #[cfg(target_arch = "wasm32")]
            #[inline(never)]
            unsafe fn read(from: *const u8, to: *mut Self) {
                unsafe {
                    match *from {
                        $($number => {
                            let mut payload = MaybeUninit::<$type>::uninit();
                            <$type>::read(from.add(Self::ALIGN), payload.as_mut_ptr());
                            to.write(Self::$case(payload.assume_init()));
                        })+
                        // The contract has no other case, so the daemon never writes one.
                        _ => unreachable!(),
                    }
                }
            }
        })+

        #[cfg(test)]
        pub(super) const VARIANTS: &[(&str, &[&str], (usize, usize))] = &[
            $((
                stringify!($variant),
                &[$(concat!(stringify!($number), " ", stringify!($case))),+],
                (<$variant>::SIZE, <$variant>::ALIGN),
            ),)+
        ];
    };
}

plain! { u8 u32 i32 i64 f64 }

impl Canonical for bool {
    const SIZE: usize = 1;
    const ALIGN: usize = 1;

    #[cfg(target_arch = "wasm32")]
    unsafe fn read(from: *const u8, to: *mut Self) {
        unsafe { to.write(*from != 0) }
    }
}

/// Bytes of an address or a count.
const WORD_BYTES: usize = 4;

impl Canonical for String {
    const SIZE: usize = <Vec<u8>>::SIZE;
    const ALIGN: usize = <Vec<u8>>::ALIGN;

    #[cfg(target_arch = "wasm32")]
    unsafe fn read(from: *const u8, to: *mut Self) {
        unsafe {
            // Its bytes stay where they are: the daemon asked this component's allocator for them.
            let [start, bytes] = from.cast::<[usize; 2]>().read();
            to.write(Self::from_raw_parts(start as *mut u8, bytes, bytes));
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    const SIZE: usize = 2 * WORD_BYTES;
    const ALIGN: usize = WORD_BYTES;

    #[cfg(target_arch = "wasm32")]
    unsafe fn read(from: *const u8, to: *mut Self) {
        unsafe {
            let [start, count] = from.cast::<[usize; 2]>().read();
            to.write(read_list(start as *const u8, count));
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[inline(never)]
unsafe fn read_list<T: Canonical>(start: *const u8, count: usize) -> Vec<T> {
    // SAFETY: the caller guarantees `count` values at `start`, and `room` allocates as much as a `Vec` of them has.
    unsafe {
        let block = room(count, Layout::new::<T>()).cast::<T>();
        let (mut from, mut to) = (start, block);
        for _ in 0..count {
            T::read(from, to);
            (from, to) = (from.add(T::SIZE), to.add(1));
        }
        Vec::from_raw_parts(block, count, count)
    }
}

/// Allocates room for `count` values; stops when there is none.
#[cfg(target_arch = "wasm32")]
#[inline(never)]
fn room(count: usize, each: Layout) -> *mut u8 {
    let layout = each.size().checked_mul(count).and_then(|size| Layout::from_size_align(size, each.align()).ok());
    match layout {
        None => handle_alloc_error(each),
        Some(layout) if layout.size() == 0 => each.align() as *mut u8,
        Some(layout) => {
            // SAFETY: it has a size.
            let block = unsafe { alloc(layout) };
            if block.is_null() { handle_alloc_error(layout) } else { block }
        }
    }
}

impl<T: Canonical> Canonical for Option<T> {
    const SIZE: usize = T::ALIGN + T::SIZE;
    const ALIGN: usize = T::ALIGN;

    #[cfg(target_arch = "wasm32")]
    unsafe fn read(from: *const u8, to: *mut Self) {
        unsafe {
            if *from == 0 {
                to.write(None);
                return;
            }
            let mut some = MaybeUninit::uninit();
            T::read(from.add(T::ALIGN), some.as_mut_ptr());
            to.write(Some(some.assume_init()));
        }
    }
}

mod contract;

#[cfg(test)]
mod tests {
    use super::contract::{RECORDS, VARIANTS};
    use wit_parser::{Resolve, SizeAlign, TypeDefKind};

    #[test]
    fn every_type_is_the_contracts() {
        let mut contract = Resolve::default();
        contract.push_path("../wit/1.0.0").expect("the contract");
        let mut sizes = SizeAlign::default();
        sizes.fill(&contract).expect("sizes");
        let snake = |name: &str| name.replace('-', "_");
        let camel = |name: &str| {
            let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
            name.split('-').map(capital).collect::<String>()
        };
        let of = |list: &[(&str, &[&str], (usize, usize))], name: &str| {
            let found = list.iter().find(|(one, ..)| *one == name);
            found.map(|(_, parts, (size, align))| {
                (parts.iter().map(ToString::to_string).collect::<Vec<_>>(), *size, *align)
            })
        };
        let mut seen = 0;
        for (id, defined) in contract.types.iter() {
            let name = camel(defined.name.as_deref().unwrap_or("none"));
            let (here, parts) = match &defined.kind {
                TypeDefKind::Record(record) => {
                    (of(RECORDS, &name), record.fields.iter().map(|field| snake(&field.name)).collect::<Vec<_>>())
                }
                TypeDefKind::Variant(variant) => {
                    let cases = variant.cases.iter().enumerate();
                    (of(VARIANTS, &name), cases.map(|(index, case)| format!("{index} {}", camel(&case.name))).collect())
                }
                _ => continue,
            };
            // Types that a rule returns are not read.
            let Some(here) = here else { continue };
            let id = wit_parser::Type::Id(id);
            assert_eq!(here, (parts, sizes.size(&id).size_wasm32(), sizes.align(&id).align_wasm32()), "{name}");
            seen += 1;
        }
        assert_eq!(seen, RECORDS.len() + VARIANTS.len());
    }
}
