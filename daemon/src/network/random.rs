//! Random numbers keyed by what they are for: nobody's draws move when somebody else is added, removed or changed.

/// The stream of draws that belongs to `name`, the same on every machine and in every release.
#[must_use]
pub fn stream(name: &str) -> u64 {
    // FNV-1a over the bytes, then mixed, because FNV's high bits are weak.
    mix(name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)))
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood 2014): every bit of the input moves half of the output's.
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Bits by which all draws are compared together; what few are then undecided are looked at one by one.
const PLANES: u32 = 7;

/// 64 draws a word, each true with `probability`: those of one block of scenarios of one stream.
///
/// A draw compares a uniform number with `probability`, both as binary fractions from the highest bit down. So a draw that
/// is true stays true when the probability rises. The uniform bits are those of wyrand (Wang Yi 2019), which starts at a
/// place of its own for every seed, stream and block.
pub(super) fn draws<const WORDS: usize>(seed: u64, stream: u64, block: u64, probability: f64) -> [u64; WORDS] {
    if probability >= 1.0 {
        return [u64::MAX; WORDS];
    }
    let threshold = fraction(probability);
    let key = mix(mix(seed ^ stream.rotate_left(32)) ^ stream ^ mix(block.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    let mut drawn = [0; WORDS];
    let mut undecided = [u64::MAX; WORDS];
    let mut counter = key;
    for plane in 0..PLANES {
        let bit = 0_u64.wrapping_sub(threshold << plane >> 63);
        for (drawn, undecided) in drawn.iter_mut().zip(&mut undecided) {
            counter = counter.wrapping_add(STEP);
            let uniform = wyrand(counter);
            *drawn |= *undecided & !uniform & bit;
            *undecided &= !(uniform ^ bit);
        }
    }
    let threshold = threshold << PLANES;
    for (word, (drawn, undecided)) in (0_u64..).zip(drawn.iter_mut().zip(undecided)) {
        let mut left = undecided;
        while left != 0 {
            let place = left.trailing_zeros();
            left &= left - 1;
            // Numbers that belong to this draw alone, whichever others are undecided.
            let own = counter.wrapping_add((word * 64 + u64::from(place) + 1).wrapping_mul(STEP));
            *drawn |= u64::from(wyrand(own) < threshold) << place;
        }
    }
    drawn
}

const STEP: u64 = 0xa076_1d64_78bd_642f;

/// The 64 bits at `counter`.
fn wyrand(counter: u64) -> u64 {
    let product = u128::from(counter) * u128::from(counter ^ 0xe703_7ed1_a0b4_28db);
    #[expect(clippy::cast_possible_truncation, reason = "the halves are folded")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low
}

/// `probability` as a binary fraction of 64 bits; what is not between 0 and 1 becomes the nearer of them.
fn fraction(probability: f64) -> u64 {
    // The cast saturates, and turns what is not a number into 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is wanted")]
    let fraction = (probability * 2.0_f64.powi(64)) as u64;
    fraction
}
