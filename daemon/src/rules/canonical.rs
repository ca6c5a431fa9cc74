//! Subjects into a guest's memory: the canonical form of the component model, as the engine's derived `Lower` writes it,
//! but with one look-up of that memory for each record instead of each field, which was a fifth of the cost of an
//! assessment. Claims and facts that hold lists or texts are left to the engine.
//!
//! Only guests see what is written here, so a mistake cannot harm the host; a test compares every byte with the engine's own.

use super::{
    bindings_v1 as v1,
    contract::{cases_in_memory, cases_of_claims, flat_records, flat_words},
};
use wasmtime::{
    Engine, Result,
    component::{
        __internal::{
            CanonicalAbiInfo, ComponentVariant, InstanceType, InterfaceType, LowerContext, bad_type_info,
            typecheck_record, typecheck_variant,
        },
        Component, ComponentType, Lower, Type,
        types::ComponentItem,
    },
};

/// A subject of the contract that writes itself.
#[derive(Debug)]
pub(super) struct CanonicalSubject(pub(super) v1::Subject);

#[expect(unsafe_code, reason = "the engine's trait is unsafe")]
// SAFETY: it has the form of the contract's subject, and is checked as that; claims have the same layout with fewer cases.
unsafe impl ComponentType for CanonicalSubject {
    type Lower = <v1::Subject as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = <v1::Subject as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        typecheck_record(
            ty,
            types,
            &[
                ("as-of", i64::typecheck),
                ("words", <Option<Vec<u32>>>::typecheck),
                ("evidence", typecheck_evidence),
                ("requirement", <Option<v1::Requirement>>::typecheck),
                ("needs", <Option<Vec<v1::Need>>>::typecheck),
                ("impact", <Option<v1::Impact>>::typecheck),
                ("ownership", <Option<v1::Ownership>>::typecheck),
            ],
        )
    }
}

type Typecheck = fn(&InterfaceType, &InstanceType<'_>) -> Result<()>;

fn typecheck_evidence(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
    let InterfaceType::List(list) = ty else { return <Vec<v1::Attestation>>::typecheck(ty, types) };
    typecheck_record(
        &types.types[*list].element,
        types,
        &[
            ("index", u32::typecheck),
            ("about", u32::typecheck),
            ("issuer", u32::typecheck),
            ("trust", v1::Trust::typecheck),
            ("state", v1::State::typecheck),
            ("covers", bool::typecheck),
            ("issued-at", i64::typecheck),
            ("valid-from", i64::typecheck),
            ("valid-until", <Option<i64>>::typecheck),
            ("claims", typecheck_claims),
        ],
    )
}

/// A component that was built when the contract had fewer kinds has the first of our cases. That does no harm: kinds that
/// it does not know do not cross into it (`ManifestError::Newer`), and all others are where it looks for them.
fn typecheck_claims(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
    let InterfaceType::Variant(variant) = ty else { return v1::Claims::typecheck(ty, types) };
    let variant = &types.types[*variant];
    let lie_alike = variant.abi.size32 == v1::Claims::ABI.size32 && variant.abi.align32 == v1::Claims::ABI.align32;
    let cases = cases();
    match cases.get(..variant.cases.len()) {
        Some(first) if lie_alike => typecheck_variant(ty, types, first),
        _ => typecheck_variant(ty, types, &cases),
    }
}

macro_rules! list_cases {
    ($($case:ident = $name:literal)+) => {
        /// The cases of claims, each with the check of its type.
        fn cases() -> [(&'static str, Option<Typecheck>); <[&str]>::len(&[$($name),+])] {
            fn check<T: ComponentType>(_: fn(T) -> v1::Claims) -> Option<Typecheck> {
                Some(T::typecheck)
            }
            [$(($name, check(v1::Claims::$case))),+]
        }
    };
}

cases_of_claims!(list_cases);

/// The cases of claims that a component of the contract knows.
pub(super) fn known_cases(engine: &Engine, component: &Component) -> Vec<String> {
    let cases = || {
        let component = component.component_type();
        let ComponentItem::ComponentInstance(plugin) = component.get_export(engine, v1::INTERFACE)?.ty else {
            return None;
        };
        let ComponentItem::ComponentFunc(assess) = plugin.get_export(engine, "assess")?.ty else { return None };
        let Type::List(subjects) = assess.params().next()?.1 else { return None };
        let Type::List(evidence) = field(&subjects.ty(), "evidence")? else { return None };
        let Type::Variant(claims) = field(&evidence.ty(), "claims")? else { return None };
        Some(claims.cases().map(|case| case.name.to_owned()).collect())
    };
    cases().unwrap_or_default()
}

fn field(record: &Type, name: &str) -> Option<Type> {
    let Type::Record(record) = record else { return None };
    record.fields().find(|field| field.name == name).map(|field| field.ty)
}

#[expect(unsafe_code, reason = "the engine's trait is unsafe")]
// SAFETY: flat values are the contract's subject's own; memory is reached through the engine's checked slice.
unsafe impl Lower for CanonicalSubject {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        to: &mut std::mem::MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.linear_lower_to_flat(cx, ty, to)
    }

    fn linear_lower_to_memory<T>(&self, cx: &mut LowerContext<'_, T>, ty: InterfaceType, offset: usize) -> Result<()> {
        let v1::Subject { as_of, words, evidence, requirement, needs, impact, ownership } = &self.0;
        let [_, words_type, evidence_type, _, needs_type, impact_type, ownership_type] = record_fields(cx, ty);
        // In the order of the fields, as the engine asks the guest for memory.
        if words.is_some() {
            words.linear_lower_to_memory(cx, words_type, offset + i64::SIZE32)?;
        }
        let (start, count) = lower_evidence(evidence, cx, evidence_type)?;
        let mut record = RecordFields::new(window::<Self, T>(cx, offset));
        record.put(as_of);
        match words {
            Some(_) => _ = record.reserve::<Option<Vec<u32>>>(),
            None => _ = record.absent::<Option<Vec<u32>>>(),
        }
        record.put(&start);
        record.put(&count);
        record.put(requirement);
        let needs_offset = offset + record.absent::<Option<Vec<v1::Need>>>();
        let impact_offset = offset + record.absent::<Option<v1::Impact>>();
        let ownership_offset = offset + record.absent::<Option<v1::Ownership>>();
        if needs.is_some() {
            needs.linear_lower_to_memory(cx, needs_type, needs_offset)?;
        }
        if impact.is_some() {
            impact.linear_lower_to_memory(cx, impact_type, impact_offset)?;
        }
        if ownership.is_some() {
            ownership.linear_lower_to_memory(cx, ownership_type, ownership_offset)?;
        }
        Ok(())
    }
}

/// Where the list starts and how long it is.
fn lower_evidence<T>(
    evidence: &[v1::Attestation],
    cx: &mut LowerContext<'_, T>,
    ty: InterfaceType,
) -> Result<(u32, u32)> {
    let element = match ty {
        InterfaceType::List(list) => cx.types[list].element,
        _ => bad_type_info(),
    };
    let [.., claims_type] = record_fields::<10, T>(cx, element);
    let size = v1::Attestation::SIZE32;
    let start = cx.realloc(0, 0, v1::Attestation::ALIGN32, evidence.len() * size)?;
    for (index, attestation) in evidence.iter().enumerate() {
        let offset = start + index * size;
        let mut record = RecordFields::new(window::<v1::Attestation, T>(cx, offset));
        let v1::Attestation { index, about, issuer, trust, state, covers, issued_at, valid_from, valid_until, claims } =
            attestation;
        record.put(index);
        record.put(about);
        record.put(issuer);
        record.put(trust);
        record.put(state);
        record.put(covers);
        record.put(issued_at);
        record.put(valid_from);
        record.put(valid_until);
        let claims_offset = record.reserve::<v1::Claims>();
        if !put_claims(claims, &mut record.to[claims_offset..]) {
            claims.linear_lower_to_memory(cx, claims_type, offset + claims_offset)?;
        }
    }
    Ok((u32::try_from(start)?, u32::try_from(evidence.len())?))
}

macro_rules! put_cases {
    ($($index:literal $case:ident)+; $($other:ident)+) => {
        /// Writes claims that hold neither a list nor a text, each with its index in the contract's variant; returns false
        /// for others, which are not written.
        #[inline]
        fn put_claims(claims: &v1::Claims, to: &mut [u8]) -> bool {
            fn put<T: Flat>(case: u8, claims: &T, to: &mut [u8]) {
                to[0] = case;
                claims.put(&mut to[<v1::Claims as ComponentVariant>::PAYLOAD_OFFSET32..]);
            }
            match claims {
                $(v1::Claims::$case(claims) => put($index, claims, to),)+
                $(v1::Claims::$other(_))|+ => return false,
            }
            true
        }
    };
}

cases_in_memory!(put_cases);

/// The types of a record's fields.
fn record_fields<const N: usize, T>(cx: &LowerContext<'_, T>, ty: InterfaceType) -> [InterfaceType; N] {
    match ty {
        InterfaceType::Record(record) => std::array::from_fn(|index| cx.types[record].fields[index].ty),
        _ => bad_type_info(),
    }
}

/// The memory of a record of type `R` at `offset`.
fn window<'a, R: ComponentType, T>(cx: &'a mut LowerContext<'_, T>, offset: usize) -> &'a mut [u8] {
    &mut cx.as_slice_mut()[offset..][..R::SIZE32]
}

/// The fields of a record, one after the other.
struct RecordFields<'a> {
    to: &'a mut [u8],
    end: usize,
}

impl<'a> RecordFields<'a> {
    fn new(to: &'a mut [u8]) -> Self {
        Self { to, end: 0 }
    }

    /// Makes room for the next field; returns its offset.
    #[inline]
    fn reserve<F: ComponentType>(&mut self) -> usize {
        let offset = self.end.next_multiple_of(F::ALIGN32 as usize);
        self.end = offset + F::SIZE32;
        offset
    }

    #[inline]
    fn put<F: Flat>(&mut self, field: &F) {
        let offset = self.reserve::<F>();
        field.put(&mut self.to[offset..]);
    }

    /// Writes an option without a value; returns its offset.
    fn absent<F: ComponentType>(&mut self) -> usize {
        let offset = self.reserve::<F>();
        self.to[offset] = 0;
        offset
    }
}

/// A value without pointers.
trait Flat: ComponentType {
    /// Writes it where `to` starts.
    fn put(&self, to: &mut [u8]);
}

macro_rules! flat_numbers {
    ($($number:ty)+) => {$(
        impl Flat for $number {
            #[inline]
            fn put(&self, to: &mut [u8]) {
                to[..size_of::<Self>()].copy_from_slice(&self.to_le_bytes());
            }
        }
    )+};
}

/// An enumeration of the contract has at most 256 cases, so its case is one byte.
macro_rules! put_words {
    ($($name:ident)+) => {$(
        impl Flat for v1::$name {
            #[inline]
            fn put(&self, to: &mut [u8]) {
                to[0] = *self as u8;
            }
        }
    )+};
}

/// Fields in the contract's order.
macro_rules! put_records {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl Flat for v1::$name {
            #[inline]
            fn put(&self, to: &mut [u8]) {
                let Self { $($field),+ } = self;
                let mut record = RecordFields::new(to);
                $(record.put($field);)+
            }
        }
    )+};
}

flat_numbers! { u8 u32 i32 i64 }

impl Flat for bool {
    #[inline]
    fn put(&self, to: &mut [u8]) {
        to[0] = u8::from(*self);
    }
}

impl<T: Flat> Flat for Option<T> {
    #[inline]
    fn put(&self, to: &mut [u8]) {
        to[0] = u8::from(self.is_some());
        if let Some(value) = self {
            value.put(&mut to[T::ALIGN32 as usize..]);
        }
    }
}

flat_words!(put_words);
flat_records!(put_records);
