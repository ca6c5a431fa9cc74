//! How far two places are from one another.
//!
//! A guest has no floating-point functions of a machine: those of the standard library are compiled into the component, so the
//! same places are as far from one another wherever it runs. The cases of `tests` run natively, and whole kilometres are the same.

use std::f64::consts::PI;

/// The mean radius of the earth, in kilometres (International Union of Geodesy and Geophysics: (2a + b) / 3 of WGS 84).
const RADIUS_KM: f64 = 6_371.008_8;
/// Largest latitude, in millionths of a degree.
pub(super) const MAX_LATITUDE: i64 = 90_000_000;
/// Largest longitude, in millionths of a degree.
pub(super) const MAX_LONGITUDE: i64 = 180_000_000;

/// Along the great circle between two places, each its latitude and its longitude in millionths of a degree: kilometres,
/// rounded half up. A sphere is up to 0.6 % off the true ellipsoid.
pub(super) fn kilometres([latitude, longitude, other_latitude, other_longitude]: [i64; 4]) -> i64 {
    let (phi, other_phi) = (radians(latitude), radians(other_latitude));
    let delta = radians(other_longitude.wrapping_sub(longitude));
    // By the arctangent, which is right for places side by side and for antipodes.
    let across = other_phi.cos() * delta.sin();
    let along = phi.cos() * other_phi.sin() - phi.sin() * other_phi.cos() * delta.cos();
    let facing = phi.sin() * other_phi.sin() + phi.cos() * other_phi.cos() * delta.cos();
    let angle = across.hypot(along).atan2(facing);
    #[expect(clippy::cast_possible_truncation, reason = "half the circumference is 20015 km")]
    ((angle * RADIUS_KM + 0.5).floor() as i64)
}

#[expect(clippy::cast_precision_loss, reason = "places on earth have ten digits")]
fn radians(millionths: i64) -> f64 {
    millionths as f64 / 180_000_000.0 * PI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_as_far_from_one_another_as_they_are() {
        const LONDON: [i64; 2] = [51_507_400, -127_800];
        const PARIS: [i64; 2] = [48_856_600, 2_352_200];
        for (about, one, other, expected) in [
            ("London and Paris", LONDON, PARIS, 344),
            ("the same place", LONDON, LONDON, 0),
            ("antipodes", [0, 0], [0, 180_000_000], 20_015),
            ("antipodes that are no such round numbers", LONDON, [-51_507_400, 179_872_200], 20_015),
            ("the poles", [90_000_000, 0], [-90_000_000, 77_000_000], 20_015),
            ("a pole has no longitude", [90_000_000, 0], [90_000_000, 123_000_000], 0),
            ("a degree of the equator", [0, 0], [0, 1_000_000], 111),
            ("a degree of a meridian", [51_000_000, 0], [52_000_000, 0], 111),
            ("across the 180th meridian", [0, 179_500_000], [0, -179_500_000], 111),
            ("Fiji and Samoa, across it", [-18_141_600, 178_441_900], [-13_833_300, -171_766_700], 1_151),
            ("New York and London", [40_712_800, -74_006_000], LONDON, 5_570),
            ("half a kilometre is one", [0, 0], [0, 4_497], 1),
            ("less is none", [0, 0], [0, 4_496], 0),
        ] {
            let there = kilometres([one[0], one[1], other[0], other[1]]);
            assert_eq!(there, expected, "{about}");
            assert_eq!(kilometres([other[0], other[1], one[0], one[1]]), there, "{about}, and back");
        }
    }
}
