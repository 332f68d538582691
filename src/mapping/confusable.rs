//! Characters that look like others: what a person meant who typed, or pasted, something else.

use unicode_normalization::UnicodeNormalization as _;

use crate::text::is_hidden;

/// Look-alikes of ASCII characters, each ASCII character before those that look like it.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('a', "аαɑ"),
    ('b', "ЬƄ"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еҽ"),
    ('g', "ɡց"),
    ('h', "һհ"),
    ('i', "іιıɩ"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('l', "ӏℓ"),
    ('m', "м"),
    ('n', "ոη"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛզ"),
    ('r', "г"),
    ('s', "ѕſ"),
    ('t', "тτ"),
    ('u', "սυ"),
    ('v', "νѵ"),
    ('w', "ԝωѡ"),
    ('x', "хχ"),
    ('y', "уγ"),
    ('z', "ᴢ"),
    ('A', "АΑ"),
    ('B', "ВΒ"),
    ('C', "СϹ"),
    ('D', "Ꭰ"),
    ('E', "ЕΕ"),
    ('F', "Ϝ"),
    ('G', "Ԍ"),
    ('H', "НΗ"),
    ('I', "ІΙӀ"),
    ('J', "Ј"),
    ('K', "КΚ\u{212a}"),
    ('L', "Ꮮ"),
    ('M', "МΜ"),
    ('N', "Ν"),
    ('O', "ОΟ"),
    ('P', "РΡ"),
    ('S', "Ѕ"),
    ('T', "ТΤ"),
    ('U', "Ս"),
    ('V', "Ѵ"),
    ('W', "Ԝ"),
    ('X', "ХΧ"),
    ('Y', "УΥҮ"),
    ('Z', "Ζ"),
    ('3', "З"),
    ('-', "‐‑‒–—―−⁃﹘﹣ー"),
    ('_', "‗﹍﹎﹏"),
    ('#', "﹟♯⌗"),
    ('.', "․·"),
    (',', "‚"),
    (':', "∶ː"),
    (';', "\u{37e}"),
    ('/', "⁄∕"),
    ('|', "∣ǀ"),
    ('~', "∼˜"),
    ('*', "∗"),
    ('\'', "‘’ʼ′"),
    ('"', "“”″"),
];

/// First digit of the ten of other scripts.
const ZEROS: &[u32] = &[
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50,
    0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
];

/// Letters with marks, each base letter before its marked forms.
const MARKED: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎ"),
    ('c', "çćĉċč"),
    ('d', "ďđ"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģ"),
    ('h', "ĥħ"),
    ('i', "ìíîïĩīĭįǐ"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľŀł"),
    ('n', "ñńņňŉ"),
    ('o', "òóôõöøōŏőǒ"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťŧț"),
    ('u', "ùúûüũūŭůűųǔ"),
    ('w', "ŵ"),
    ('y', "ýÿŷ"),
    ('z', "źżž"),
];

/// The ASCII character that `c` looks like, for a `c` beyond ASCII.
pub(super) fn look_alike(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    let code = u32::from(c);
    if (0xFF01..=0xFF5E).contains(&code) {
        return char::from_u32(code - 0xFEE0);
    }
    if c.is_whitespace() {
        return Some(' ');
    }
    if let Some(zero) = ZEROS.iter().find(|&&zero| (zero..zero + 10).contains(&code)) {
        return char::from_digit(code - zero, 10);
    }
    if (0x1D400..=0x1D6A3).contains(&code) {
        let letter = (code - 0x1D400) % 52;
        let first = if letter < 26 { u32::from('A') } else { u32::from('a') - 26 };
        return char::from_u32(first + letter);
    }
    LOOK_ALIKES.iter().find(|(_, twins)| twins.contains(c)).map(|&(ascii, _)| ascii)
}

/// The ASCII letter under a marked one: `é` is an `e`.
pub(super) fn unmarked(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    let lower = c.to_lowercase().next()?;
    let (base, _) = MARKED.iter().find(|(_, marked)| marked.contains(lower))?;
    Some(if c.is_uppercase() { base.to_ascii_uppercase() } else { *base })
}

/// The digit that a letter stands for when somebody types one: `O`, `l`, `S`, …
pub(super) fn digit_for_letter(c: char) -> Option<char> {
    Some(match c {
        'O' | 'o' | 'Q' | 'D' => '0',
        'I' | 'l' | 'i' | '|' => '1',
        'Z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        _ => return None,
    })
}

/// Whether a character leaves no mark where it stands and is no kind of ASCII space.
pub(super) fn is_invisible(c: char) -> bool {
    is_hidden(c) && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// A name as a person reads it: look-alikes undone, invisible characters gone, lower case.
pub(crate) fn as_read(name: &str) -> String {
    name.chars()
        .filter(|&c| c.is_ascii() || !is_invisible(c))
        .flat_map(|c| look_alike(c).unwrap_or(c).to_lowercase())
        .collect()
}

/// A name without what people do not see or do not mean to tell apart: case, white space, look-alikes,
/// invisible characters, and the Unicode form it is written in.
pub(crate) fn skeleton(name: &str) -> String {
    if name.is_ascii() {
        return name
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    as_read(&name.nfkc().collect::<String>())
        .chars()
        .filter(|c| !c.is_whitespace())
        .nfkc()
        .collect()
}

/// Whether both are the same letter but for case.
pub(super) fn same_but_for_case(a: char, b: char) -> bool {
    a != b && a.to_lowercase().eq(b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_of_every_family_are_found() {
        let pairs = [
            ('а', 'a'),
            ('Α', 'A'),
            ('＃', '#'),
            ('–', '-'),
            ('\u{a0}', ' '),
            ('٣', '3'),
            ('𝟗', '9'),
            ('𝐀', 'A'),
            ('𝑧', 'z'),
            ('\u{212a}', 'K'),
            ('ſ', 's'),
            ('ı', 'i'),
            ('Ｚ', 'Z'),
        ];
        for (twin, ascii) in pairs {
            assert_eq!(look_alike(twin), Some(ascii), "{twin}");
        }
    }

    #[test]
    fn no_ascii_character_stands_for_another() {
        assert!((0..128_u8).all(|b| look_alike(char::from(b)).is_none()));
    }

    #[test]
    fn no_character_is_listed_twice() {
        let mut all: Vec<char> = LOOK_ALIKES.iter().flat_map(|(_, twins)| twins.chars()).collect();
        let listed = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), listed);
        assert!(all.iter().all(|c| !c.is_ascii()));
    }

    #[test]
    fn names_that_read_alike_have_one_skeleton() {
        let one = skeleton("aws#pr\u{e9}s#Ops Lead#123456789012");
        for name in [
            "AWS#pre\u{301}s#Ops Lead#123456789012",
            " aws#pr\u{e9}s#OpsLead#123456789012\u{200b}",
            "\u{430}ws\u{ff03}pr\u{e9}s#ops lead#\u{ff11}23456789012",
        ] {
            assert_eq!(skeleton(name), one, "{name}");
        }
        assert_ne!(skeleton("aws#prod#Ops-Lead"), skeleton("aws#prod#OpsLead"));
    }

    #[test]
    fn marks_come_off_in_either_case() {
        assert_eq!((unmarked('É'), unmarked('ü'), unmarked('x')), (Some('E'), Some('u'), None));
    }
}
