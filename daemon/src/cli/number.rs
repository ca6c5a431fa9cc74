//! Figures between 0 and 1 as people read them: never 0 for what can happen, never 1 for what may not.

/// The value with this many decimals, or with a power of ten where these would show almost nothing of it.
pub(super) fn ratio(value: f64, decimals: usize) -> String {
    let shown = format!("{value:.decimals$}");
    // At least two of the shown decimals must be significant.
    let least = 0.1_f64.powi(i32::try_from(decimals.saturating_sub(2)).unwrap_or(i32::MAX));
    if value > 0.0 && value < least {
        return format!("{value:.*e}", decimals.saturating_sub(1));
    }
    if value < 1.0 && shown.starts_with('1') { value.to_string() } else { shown }
}

/// The first of `count`, joined, and how many more there are.
pub(super) fn some(first: &[String], count: usize, joined: &str) -> String {
    let shown = first.join(joined);
    match count.saturating_sub(first.len()) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The first of `count`, and a line that says how many more there are.
pub(super) fn more(mut first: Vec<String>, count: usize) -> Vec<String> {
    let more = count.saturating_sub(first.len());
    first.extend((more > 0).then(|| format!("and {more} more")));
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_event_has_a_number() {
        let check = |value, decimals, expected| assert_eq!(ratio(value, decimals), expected);
        check(0.0, 6, "0.000000");
        check(1.0, 6, "1.000000");
        check(0.2224, 6, "0.222400");
        check(0.000_123_4, 6, "0.000123");
        check(0.000_012_345_678, 6, "1.23457e-5");
        check(1e-300, 6, "1.00000e-300");
        check(5e-324, 4, "4.941e-324");
        check(0.003, 4, "3.000e-3");
        check(0.012_34, 4, "0.0123");
        check(0.999_999_99, 6, "0.99999999");
        check(0.999_99, 4, "0.99999");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let first = ["a", "b"].map(str::to_owned);
        assert_eq!(some(&first, 2, ", "), "a, b");
        assert_eq!(some(&first, 131, ", "), "a, b and 129 more");
        assert_eq!(more(first.to_vec(), 2), first);
        assert_eq!(more(first.to_vec(), 3)[2], "and 1 more");
    }
}
