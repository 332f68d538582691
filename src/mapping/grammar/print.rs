//! A name from its parts.

use std::collections::BTreeMap;

use super::{Form, NamingGrammar, Part, Segment};

impl NamingGrammar {
    /// The name with these parts, whether or not each may be what is given; of a part that is made of others,
    /// those are asked for. `None` where one is missing, or for a `*`, which is no part.
    pub fn print(&self, parts: &BTreeMap<Part, String>) -> Option<String> {
        let mut name = String::new();
        print(&self.segments, parts, &mut name)?;
        Some(name)
    }
}

fn print(segments: &[Segment], parts: &BTreeMap<Part, String>, name: &mut String) -> Option<()> {
    for segment in segments {
        match segment {
            Segment::Text(text) => name.push_str(text),
            Segment::Slot(slot) => match &slot.form {
                Form::Words(_) => name.push_str(parts.get(&slot.part?)?),
                Form::Made(_, inner) => print(inner, parts, name)?,
            },
        }
    }
    Some(())
}
