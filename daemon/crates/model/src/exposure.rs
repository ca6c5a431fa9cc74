//! What the network makes of the scores: how likely a programme or organisation is down.

/// How likely something is down within the policy's horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// Within how many days.
    pub horizon_days: u32,
    /// 0 to 1.
    pub probability: f64,
    /// Where the 95 % interval starts; the probability itself when it is exact.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// How it was found.
    pub method: Method,
}

/// How a probability was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Computed.
    Exact,
    /// Estimated from random scenarios.
    MonteCarlo {
        /// How many.
        scenarios: u32,
        /// Why it was not computed.
        not_exact_because: String,
    },
}

impl Method {
    /// Its word on the screen and for programs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MonteCarlo { .. } => "monte-carlo",
        }
    }
}
