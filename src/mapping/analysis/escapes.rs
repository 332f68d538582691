//! What code and guides leave in settings: escapes that were applied once too often, and placeholders.

use std::ops::Range;

use super::super::group_filter::GroupFilter;

/// Letters that mean a class or a boundary behind a backslash.
const CLASSES: &str = "dDwWsSbB";

/// What mostly stands behind such a class.
const AFTER: &str = "+*?{])(\\#_$";

/// The first escape of a filter that was doubled or turned round, and the filter without them.
///
/// `\\d` and `//d` count where a quantifier or the end of a group follows, and only if the mended text is a
/// filter: `CORP\\dev` is the name of a domain.
pub fn in_filter(text: &str) -> Option<(Range<usize>, String)> {
    let found = [r"\\", "//"]
        .into_iter()
        .filter_map(|escape| first(text, escape))
        .min_by_key(|(at, _)| *at);
    let (at, escape) = found.or_else(|| Some((text.find("$${")?, "$${")))?;
    let mended =
        if escape == "$${" { text.replace("$${", "${") } else { text.replace(escape, r"\") };
    GroupFilter::parse(&mended).ok()?;
    let letter = usize::from(escape != "$${");
    Some((at..at + escape.len() + letter, mended))
}

fn first(text: &str, escape: &'static str) -> Option<(usize, &'static str)> {
    let is_class = |at: usize| {
        let mut rest = text.get(at + escape.len()..).unwrap_or_default().chars();
        rest.next().is_some_and(|c| CLASSES.contains(c))
            && rest.next().is_none_or(|c| AFTER.contains(c))
    };
    let (at, _) = text.match_indices(escape).find(|&(at, _)| is_class(at))?;
    Some((at, escape))
}

/// The filter with twelve digits for its account, where that takes any number of digits and stands once.
pub fn with_twelve_digits(text: &str) -> Option<String> {
    let mut loose = [r"\d", "[0-9]"].into_iter().flat_map(|class| {
        ["+", "*"].map(|many| (class, format!("(?{{{{accountid}}}}{class}{many})")))
    });
    let (class, capture) = loose.find(|(_, capture)| text.contains(capture))?;
    let mended = text.replacen(&capture, &format!("(?{{{{accountid}}}}{class}{{12}})"), 1);
    (mended.matches("{{accountid}}").count() == 1).then_some(mended)
}

/// The first doubled dollar of a template, and the template without them.
pub fn in_template(text: &str) -> Option<(Range<usize>, String)> {
    let at = text.find("$${")?;
    Some((at..at + 3, text.replace("$${", "${")))
}

/// Words that guides put in the place of a name, alone or at the start of one.
const WORDS: [&str; 6] =
    ["YOUR_", "YOUR-", "PROVIDER_NAME", "PROVIDERNAME", "ACCOUNT_ID", "SAML_PROVIDER_NAME"];

/// Where a setting still has a placeholder: text in square or pointed brackets, or one of a guide's words
/// in capitals.
pub fn placeholder_in(text: &str) -> Option<Range<usize>> {
    let bracketed = |open: char, close: char| {
        let from = text.find(open)?;
        let length = text.get(from..)?.find(close)?;
        Some(from..from + length + 1)
    };
    let found = [bracketed('[', ']'), bracketed('<', '>')];
    found.into_iter().flatten().min_by_key(|range| range.start).or_else(|| word(text))
}

fn word(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for part in text.split([':', '/', ',']) {
        if WORDS.iter().any(|word| part.starts_with(word)) {
            return Some(at..at + part.len());
        }
        at += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_backslashes_are_halved_and_domains_left_alone() {
        let filter = r"aws_(?{{accountid}}\\d+)_(?{{role}}[a-zA-Z0-9+=,.@\\-_]+)";
        let (part, mended) = in_filter(filter).unwrap();
        assert_eq!(filter.get(part), Some(r"\\d"));
        assert_eq!(mended, r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)");
        assert_eq!(in_filter(r"^CORP\\dev\#(?{{role}}\w+)$"), None);
    }

    #[test]
    fn placeholders_are_found_and_okta_s_own_are_not() {
        let found =
            |text: &str| placeholder_in(text).and_then(|part| text.get(part).map(str::to_owned));
        assert_eq!(found("a/[SAML Provider Name],b"), Some("[SAML Provider Name]".to_owned()));
        assert_eq!(found("arn:aws:iam::<ACCOUNT>:role/x"), Some("<ACCOUNT>".to_owned()));
        assert_eq!(found("arn:aws:iam::ACCOUNT_ID:role/x"), Some("ACCOUNT_ID".to_owned()));
        assert_eq!(found("arn:aws:iam::${accountid}:saml-provider/OKTA"), None);
    }
}
