//! The daemon's metrics, read as Prometheus reads them.

/// The result of one scrape, in the text format.
#[derive(Debug)]
pub struct Exposition(String);

impl Exposition {
    /// Takes a scrape in the text format.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The sum of the series called `name` whose labels contain each of `labels`, written as `feed="demo"`; `None` when
    /// there is no such series.
    #[must_use]
    pub fn sum(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let values: Vec<f64> = self.0.lines().filter_map(|line| value_of(line, name, labels)).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }
}

fn value_of(line: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let rest = line.strip_prefix(name)?;
    let (found, value) = match rest.strip_prefix('{') {
        Some(rest) => rest.rsplit_once("} ")?,
        None => ("", rest.strip_prefix(' ')?),
    };
    labels.iter().all(|label| found.contains(label)).then(|| value.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_summed_by_name_and_label() {
        let scrape = Exposition::new("# HELP a b\na 3\na_total{x=\"1\",y=\"} 2\"} 4\na_total{x=\"2\"} 5\n".to_owned());
        let check = |name: &str, labels: &[&str], expected: Option<f64>| {
            assert_eq!(scrape.sum(name, labels), expected, "{name} {labels:?}");
        };
        check("a", &[], Some(3.0));
        check("a_total", &[], Some(9.0));
        check("a_total", &["x=\"1\""], Some(4.0));
        check("a_total", &["x=\"3\""], None);
        check("b", &[], None);
    }
}
