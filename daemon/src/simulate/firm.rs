//! One organisation of the network: who it is, as a function of the seed and its number.

use super::{
    catalogue::{ABROAD, Product, REGIONS, Region},
    names,
    random::Stream,
    structure::Structure,
};
use crate::model::Organisation;

/// The percentage of organisations below tier 1 that are abroad.
const ABROAD_PERCENT: u32 = 4;
/// The percentage of organisations in each tier that are small or medium enterprises.
const SME_PERCENT: [u32; 4] = [15, 50, 80, 70];
/// The percentage of domestic organisations that have a Legal Entity Identifier beside their company number.
const LEI_PERCENT: u32 = 20;

/// An organisation.
#[derive(Clone)]
pub(super) struct Firm {
    pub(super) number: u32,
    /// 0 means tier 1.
    pub(super) tier: usize,
    pub(super) organisation: Organisation,
    pub(super) name: String,
    pub(super) country: &'static str,
    /// `None` abroad.
    pub(super) region: Option<&'static Region>,
    pub(super) sme: bool,
    pub(super) has_lei: bool,
    pub(super) product: &'static Product,
}

impl Firm {
    pub(super) fn new(seed: u64, structure: &Structure, number: u32) -> Self {
        let mut stream = Stream::new(seed, "organisation", u64::from(number));
        let tier = structure.tier_of(number);
        let product = structure.product(number);
        let abroad = tier > 0 && stream.chance(ABROAD_PERCENT);
        let (country, form) = if abroad { *stream.pick(ABROAD) } else { ("GB", "Ltd") };
        let trade = stream.pick(product.trade);
        let stem = names::stem(number as usize);
        let name = match names::round(number as usize) {
            0 => format!("{stem} {trade} {form}"),
            round => format!("{stem} {trade} {} {form}", round + 1),
        };
        Self {
            number,
            tier,
            organisation: name_of(seed, structure, number),
            name,
            country,
            region: (!abroad).then(|| region(&mut stream)),
            sme: stream.chance(SME_PERCENT[tier]),
            has_lei: !abroad && stream.chance(LEI_PERCENT),
            product,
        }
    }

    pub(super) fn is_abroad(&self) -> bool {
        self.region.is_none()
    }
}

/// The identifier of organisation `number`, without the rest of it.
pub(super) fn name_of(seed: u64, structure: &Structure, number: u32) -> Organisation {
    let mut stream = Stream::new(seed, "organisation", u64::from(number));
    let abroad = structure.tier_of(number) > 0 && stream.chance(ABROAD_PERCENT);
    if abroad { names::cage(number) } else { names::company(number) }
}

fn region(stream: &mut Stream) -> &'static Region {
    let mut drawn = stream.below(REGIONS.iter().map(|region| region.percent).sum());
    let fits = |region: &&Region| {
        let found = drawn < region.percent;
        drawn = drawn.saturating_sub(region.percent);
        found
    };
    REGIONS.iter().find(fits).unwrap_or(&REGIONS[0])
}
