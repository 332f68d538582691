//! Account ids that a program took for numbers: zeros lost, an octal reading, `1.23457E+11`.

use std::ops::Range;

use super::account::AccountId;

/// Fewest digits that may be what is left of an account id among other text: six zeros lost.
const FEWEST: usize = 6;

/// Most digits of a mantissa that a program writes.
const MANTISSA: usize = 17;

/// A piece of a text that may have been an account id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is.
    pub form: Form,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Six to eleven digits.
    Digits,
    /// A number with an exponent.
    Float(Float),
}

/// A number written with an exponent, as an integer of digits and how many digits it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Float {
    /// The digits that are left.
    mantissa: u64,
    /// How many of them.
    kept: usize,
    /// How many digits the whole number has.
    length: usize,
}

impl Float {
    /// Reads `1.23457E+11`, with a point or a comma; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['E', 'e'])?;
        let exponent: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let (whole, rest) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let digits = format!("{whole}{rest}");
        let fits = whole.len() == 1 && digits.len() <= MANTISSA;
        if !fits || exponent > 11 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self { mantissa: digits.parse().ok()?, kept: digits.len(), length: exponent + 1 })
    }

    /// Whether an account id, taken for a number and rounded, is written this way.
    pub fn is_of(self, account: AccountId) -> bool {
        let Ok(number) = account.as_str().parse::<u64>() else { return false };
        if number == 0 || number.ilog10() as usize + 1 != self.length {
            return false;
        }
        let dropped = u32::try_from(self.length.saturating_sub(self.kept)).unwrap_or(u32::MAX);
        let unit = 10_u64.saturating_pow(dropped);
        let more = u32::try_from(self.kept.saturating_sub(self.length)).unwrap_or(u32::MAX);
        (number + unit / 2) / unit * 10_u64.saturating_pow(more) == self.mantissa
    }
}

/// The account id of digits that lost their leading zeros; `None` where none can be lost.
pub fn padded(digits: &str) -> Option<AccountId> {
    if digits.is_empty() || digits.len() > 11 || digits.starts_with('0') {
        return None;
    }
    AccountId::parse(&format!("{digits:0>12}")).ok()
}

/// The account id that a YAML 1.1 reader takes for this number: it holds a leading zero for the sign of an
/// octal number. `None` where there is none.
pub fn octal(digits: &str) -> Option<AccountId> {
    if digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    let written = format!("{number:0>12o}");
    if written.starts_with('0') { AccountId::parse(&written).ok() } else { None }
}

/// The pieces of a text that may have been account ids, from left to right.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let start = at + rest.find(|c: char| c.is_ascii_digit())?;
            let end = end_of_number(text, start);
            at = end;
            let alone = !text.get(..start).is_some_and(|before| before.ends_with(is_word));
            let word = text.get(start..end).unwrap_or_default();
            if let Some(form) = form(word).filter(|_| alone) {
                return Some(Piece { range: start..end, form });
            }
        }
    })
}

fn form(word: &str) -> Option<Form> {
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    if digits && (FEWEST..12).contains(&word.len()) {
        return Some(Form::Digits);
    }
    let float = Float::parse(word).filter(|float| float.length > 8)?;
    Some(Form::Float(float))
}

/// End of the word that begins at `start`, and of the number it is the beginning of.
fn end_of_number(text: &str, start: usize) -> usize {
    let word_end = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
    };
    let mut end = word_end(start);
    let follows = |at: usize, marks: &[char]| {
        let mut rest = text.get(at..).unwrap_or_default().chars();
        rest.next().is_some_and(|c| marks.contains(&c))
            && rest.next().is_some_and(|c| c.is_ascii_digit())
    };
    if end == start + 1 && follows(end, &['.', ',']) {
        end = word_end(end + 1);
    }
    let ends_in_exponent = text.get(start..end).is_some_and(|word| word.ends_with(['E', 'e']));
    if ends_in_exponent && follows(end, &['+']) { word_end(end + 1) } else { end }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    fn found(text: &str) -> Vec<&str> {
        pieces(text).map(|piece| text.get(piece.range).unwrap()).collect()
    }

    #[test]
    fn six_to_eleven_digits_are_padded_and_twelve_are_whole() {
        assert_eq!(padded("12345678901"), Some(account("012345678901")));
        assert_eq!(padded("345678"), Some(account("000000345678")));
        for whole in ["", "123456789012", "01234567890", "1234567890a"] {
            assert_eq!(padded(whole), None, "{whole}");
        }
    }

    #[test]
    fn an_octal_reading_gives_the_id_back() {
        assert_eq!(octal("1402435643"), Some(account("012345674073")));
        assert_eq!(u64::from_str_radix("012345674073", 8), Ok(1_402_435_643));
        // Twelve octal digits without a zero in front were never read as octal.
        assert_eq!(octal("12345678901"), None);
        assert_eq!(octal("0123"), None);
    }

    #[test]
    fn a_rounded_number_is_of_the_ids_that_round_to_it() {
        let float = Float::parse("1.23457E+11").unwrap();
        assert!(float.is_of(account("123456789012")));
        assert!(float.is_of(account("123457000000")));
        assert!(!float.is_of(account("123456489012")));
        assert!(!float.is_of(account("012345678901")));
        let exact = Float::parse("1.23456789012e11").unwrap();
        assert!(exact.is_of(account("123456789012")) && !exact.is_of(account("123456789013")));
        let zero = Float::parse("1,23457E+10").unwrap();
        assert!(zero.is_of(account("012345678901")));
        assert!(!Float::parse("1.5E+0").unwrap().is_of(account("000000000002")));
        assert!(!float.is_of(account("000000000000")));
    }

    #[test]
    fn what_is_no_number_with_an_exponent_is_none() {
        for text in ["", "E", "1.2", "12.3E+11", "1.2E+12", "1.xE+11", "1E", ".E+11", "1.2E-3"] {
            assert_eq!(Float::parse(text), None, "{text}");
        }
        assert!(Float::parse("1e11").is_some());
    }

    #[test]
    fn pieces_stand_between_other_characters() {
        assert_eq!(found("aws#prod#Admin#12345678901"), ["12345678901"]);
        assert_eq!(found("aws#prod#Admin#1.23457E+11"), ["1.23457E+11"]);
        assert_eq!(found("aws-prod-1,23457E+11-Admin"), ["1,23457E+11"]);
        assert_eq!(found("1234567 v12345678 12345678x 123456789012 12345 é1234567"), ["1234567"]);
        assert_eq!(found("1.5 2024-11-24 1.E 9E+"), [""; 0]);
        assert_eq!(found("12345678.5"), ["12345678"]);
    }
}
