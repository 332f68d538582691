//! Metadata documents parsed once for each distinct text: thousands of accounts carry the same one.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::metadata::{Metadata, MetadataError};

/// What a document says, or why it cannot be read.
pub type Reading = Arc<Result<Metadata, MetadataError>>;

/// Every document asked for so far, read.
#[derive(Debug, Default)]
pub struct Library {
    read: Mutex<FxHashMap<Box<str>, Reading>>,
}

impl Library {
    /// What a document says; it is parsed when its text is asked for first.
    pub fn read(&self, text: &str) -> Reading {
        if let Some(found) = self.shelf().get(text) {
            return Arc::clone(found);
        }
        // Outside the lock: several at once may parse the same text, and the first one stays.
        let reading = Arc::new(Metadata::parse(text));
        Arc::clone(self.shelf().entry(text.into()).or_insert(reading))
    }

    /// How many distinct documents were read.
    pub fn len(&self) -> usize {
        self.shelf().len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.shelf().is_empty()
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, FxHashMap<Box<str>, Reading>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parsed_once_and_another_one_apart() {
        let library = Library::default();
        let (first, again) = (library.read("<a/>"), library.read(&String::from("<a/>")));
        assert!(Arc::ptr_eq(&first, &again));
        assert!(library.read("<b/>").is_err());
        assert_eq!(library.len(), 2);
    }
}
