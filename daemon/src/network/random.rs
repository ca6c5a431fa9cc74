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

/// 64 draws, bit k true with `probability`: those of the scenarios `64 * word ..`.
///
/// Draw k compares a uniform number with `probability`, both as binary fractions, from the highest bit down and only
/// until all draws are decided. So a draw that is true stays true when the probability rises.
pub(super) fn draws(seed: u64, stream: u64, word: u64, probability: f64) -> u64 {
    if probability >= 1.0 {
        return u64::MAX;
    }
    let threshold = fraction(probability);
    let key = mix(mix(seed ^ stream.rotate_left(32)) ^ stream ^ mix(word.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    let mut undecided = if threshold == 0 { 0 } else { u64::MAX };
    let mut drawn = 0;
    let mut plane = 0_u32;
    while undecided != 0 && plane < 64 {
        let uniform = mix(key.wrapping_add(u64::from(plane + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if threshold << plane >> 63 == 1 {
            drawn |= undecided & !uniform;
            undecided &= uniform;
        } else {
            undecided &= !uniform;
        }
        plane += 1;
    }
    drawn
}

/// `probability` as a binary fraction of 64 bits; what is not between 0 and 1 becomes the nearer of them.
fn fraction(probability: f64) -> u64 {
    // The cast saturates, and turns what is not a number into 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is wanted")]
    let fraction = (probability * 2.0_f64.powi(64)) as u64;
    fraction
}
