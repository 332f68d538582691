//! Every kind of character class against the JVM: `fixtures/java-regex/sets.tsv`, which
//! `MakeSets.java` beside it makes, has the members of each as a count and a hash.

#![expect(clippy::expect_used, reason = "test code")]

use rolecall::mapping::group_filter::GroupFilter;
use rolecall::mapping::java::ast::Kind;
use rolecall::mapping::java::class::CharSet;

#[test]
fn every_character_class_has_the_members_it_has_in_java() {
    let mut wrong = Vec::new();
    for line in include_str!("../../fixtures/java-regex/sets.tsv").lines() {
        let mut fields = line.split('\t');
        let pattern = fields.next().expect("a line has a pattern");
        let expected = (fields.next().expect("a count"), fields.next().expect("a hash"));
        let filter = GroupFilter::parse(pattern).expect("Java takes the pattern");
        let parsed = filter.pattern();
        let Kind::Set(set) = &parsed.node(parsed.root()).kind else {
            wrong.push(format!("{pattern}: not a set"));
            continue;
        };
        let (count, hash) = digest(set);
        if (count.as_str(), hash.as_str()) != expected {
            wrong.push(format!("{pattern}: {count} members, in Java {}", expected.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn digest(set: &CharSet) -> (String, String) {
    let whole = set.difference(&CharSet::range(0xD800, 0xDFFF));
    let count: u32 = whole.ranges().iter().map(|(first, last)| last - first + 1).sum();
    let text: String =
        whole.ranges().iter().map(|(first, last)| format!("{first:x}-{last:x},")).collect();
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (count.to_string(), format!("{hash:x}"))
}
