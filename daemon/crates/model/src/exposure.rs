//! What the network makes of the scores: the probability that a programme or organisation is down.

/// The probability that something is down within the policy's horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// The horizon, in days.
    pub horizon_days: u32,
    /// The probability, 0 to 1.
    pub probability: f64,
    /// Where the 95 % interval starts; the probability itself when it is exact.
    pub low: f64,
    /// Where the interval ends; the probability itself when it is exact.
    pub high: f64,
    /// Whether it was computed or estimated.
    pub method: Method,
}

/// How a probability was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// It was computed exactly.
    Exact,
    /// It was estimated from random scenarios.
    MonteCarlo {
        /// The number of scenarios.
        scenarios: u32,
        /// Why it was not computed exactly, in a sentence.
        not_exact_because: String,
    },
}

impl Method {
    /// Its word in outputs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MonteCarlo { .. } => "monte-carlo",
        }
    }
}
