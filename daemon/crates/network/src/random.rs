//! Random numbers keyed by their purpose: no draws change when something else is added, removed or changed.

/// The stream of draws that belongs to `name`, the same on every machine and in every release. Any text becomes 64 bits, so
/// that two names share a stream with a probability of about 2^-64.
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

/// The mean number of arrivals in one stretch of the process.
const STRETCH_MEAN: f64 = 32.0;

/// By count: the probability that a stretch has at most this many arrivals (Poisson), as a fraction of 2^64.
static AT_MOST: [u64; 128] = {
    let mut at_most = [0; 128];
    // e^-32.
    let mut one = 1.266_416_554_909_417_6e-14;
    let mut all = one;
    let mut count = 0;
    while count < at_most.len() {
        at_most[count] = fraction(all);
        count += 1;
        one *= STRETCH_MEAN / count as f64;
        all += one;
    }
    at_most
};

/// Sets bits of `row`, 64 draws a word, each with `probability`: the draws of one block of scenarios of one stream.
///
/// Each draw has a Poisson process, and is true when its first arrival comes before the time by which one arrives with
/// `probability`. So a true draw stays true when the probability rises, and the work grows with the true draws, not with all
/// of them. The processes of all draws are simulated as one: stretch by stretch, the number of arrivals, and for each its
/// draw and its time. The uniform bits are those of wyrand (Wang Yi 2019), which starts at a
/// position of its own for every seed, stream and block.
pub(super) fn draw<const WORDS: usize>(row: &mut [u64; WORDS], seed: u64, stream: u64, block: u64, probability: f64) {
    const { assert!(WORDS.is_power_of_two(), "the highest bits of a number say for which draw an arrival is") };
    if probability >= 1.0 {
        row.fill(u64::MAX);
        return;
    }
    let draws = 64 * WORDS;
    let draw_bits = draws.trailing_zeros();
    let mut counter = mix(mix(seed ^ stream.rotate_left(32)) ^ stream ^ mix(block.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    let mut uniform = || {
        counter = counter.wrapping_add(STEP);
        wyrand(counter)
    };
    // The mean number of arrivals in time.
    let mut left = -libm::log1p(-probability) * draws as f64;
    while left > 0.0 {
        let count = uniform();
        // All arrivals are in time while a whole stretch is left.
        let end = fraction(left / STRETCH_MEAN);
        for _ in 0..AT_MOST.partition_point(|at_most| *at_most <= count) {
            let arrival = uniform();
            let draw = (arrival >> (64 - draw_bits)) as usize;
            row[draw / 64] |= u64::from(arrival << draw_bits < end) << (draw % 64);
        }
        left -= STRETCH_MEAN;
    }
}

const STEP: u64 = 0xa076_1d64_78bd_642f;

/// The 64 bits at `counter`.
fn wyrand(counter: u64) -> u64 {
    let product = u128::from(counter) * u128::from(counter ^ 0xe703_7ed1_a0b4_28db);
    #[expect(clippy::cast_possible_truncation, reason = "the halves are folded")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low
}

/// `probability` as a binary fraction of 64 bits; values outside 0 to 1 become the nearer of them.
const fn fraction(probability: f64) -> u64 {
    // The cast saturates, and turns what is not a number into 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is wanted")]
    let fraction = (probability * (1_u128 << 64) as f64) as u64;
    fraction
}

#[cfg(test)]
mod tests {
    use super::{draw, stream};

    type Row = [u64; 32];

    fn drawn(name: u64, probability: f64) -> Row {
        let mut row = [0; 32];
        draw(&mut row, 7, stream(&name.to_string()), 0, probability);
        row
    }

    fn count(row: &Row) -> u32 {
        row.iter().map(|word| word.count_ones()).sum()
    }

    #[test]
    fn draws_come_as_often_and_as_scattered_as_they_should() {
        const ROWS: u32 = 4000;
        for probability in [0.000_01, 0.001, 0.02, 0.3, 0.97] {
            let counts: Vec<u32> = (0..ROWS).map(|name| count(&drawn(name.into(), probability))).collect();
            let rows = f64::from(ROWS);
            let (mean, variance) = (2048.0 * probability, 2048.0 * probability * (1.0 - probability));
            let found = f64::from(counts.iter().sum::<u32>()) / rows;
            assert!(
                (found - mean).abs() < 5.0 * (variance / rows).sqrt(),
                "{probability}: {found} of 2048, not {mean}"
            );
            // If the draws of a row were correlated, rows would vary more, or less, than independent draws.
            let spread = counts.iter().map(|count| (f64::from(*count) - mean).powi(2)).sum::<f64>() / rows;
            let doubt = variance * (2.0 + 1.0 / variance).sqrt() / rows.sqrt();
            assert!((spread - variance).abs() < 5.0 * doubt, "{probability}: the variance is {spread}, not {variance}");
        }
    }

    #[test]
    fn every_draw_has_the_same_chance() {
        let mut hits = [0_u32; 2048];
        for name in 0..4000 {
            let row = drawn(name, 0.1);
            for (scenario, hits) in hits.iter_mut().enumerate() {
                *hits += u32::from(row[scenario / 64] >> (scenario % 64) & 1 == 1);
            }
        }
        // About 400 are expected of each, with a standard deviation of 19.
        assert!(hits.iter().all(|hits| (300..500).contains(hits)), "{hits:?}");
    }

    #[test]
    fn a_draw_that_is_true_stays_true_when_the_probability_rises() {
        for name in 0..200 {
            let mut before = [0; 32];
            for step in 0..=64 {
                let row = drawn(name, f64::from(step) / 64.0);
                assert!(row.iter().zip(before).all(|(now, before)| now & before == before), "{name}, {step} of 64");
                before = row;
            }
            assert_eq!(before, [u64::MAX; 32]);
        }
    }

    #[test]
    fn what_is_no_probability_is_the_nearest() {
        for (probability, expected) in [(-0.5, 0), (0.0, 0), (f64::NAN, 0), (1.5, 2048), (f64::INFINITY, 2048)] {
            assert_eq!(count(&drawn(1, probability)), expected, "{probability}");
        }
    }
}
