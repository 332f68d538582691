//! Okta's App Filter: which sources' groups may grant roles.

use std::fmt;

use crate::model::group_source::GroupSource;

/// A comma-separated list of app keys; an empty one admits every source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppFilter {
    sources: Vec<GroupSource>,
}

impl AppFilter {
    /// Reads the setting. White space around a key does not count, nor does an empty piece between commas.
    pub fn parse(text: &str) -> Self {
        let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        Self { sources: keys.map(GroupSource::from_key).collect() }
    }

    /// The sources named, in the order written.
    pub fn sources(&self) -> &[GroupSource] {
        &self.sources
    }

    /// Whether every source is admitted because none is named.
    pub fn is_open(&self) -> bool {
        self.sources.is_empty()
    }

    /// Whether groups of this source may grant roles.
    pub fn admits(&self, source: &GroupSource) -> bool {
        self.is_open() || self.sources.contains(source)
    }
}

impl fmt::Display for AppFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, source) in self.sources.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{source}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_after_the_comma_does_not_count() {
        let filter = AppFilter::parse("okta, active_directory");
        assert!(filter.admits(&GroupSource::Okta));
        assert!(filter.admits(&GroupSource::ActiveDirectory));
        assert!(!filter.admits(&GroupSource::Other("bamboohr".to_owned())));
    }

    #[test]
    fn an_empty_filter_admits_every_source() {
        for text in ["", "  ", ","] {
            let filter = AppFilter::parse(text);
            assert!(filter.is_open(), "{text:?}");
            assert!(filter.admits(&GroupSource::Other("anything".to_owned())), "{text:?}");
        }
    }

    #[test]
    fn keys_are_compared_exactly() {
        assert!(!AppFilter::parse("OKTA").admits(&GroupSource::Okta));
    }
}
