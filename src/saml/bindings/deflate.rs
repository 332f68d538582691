//! Raw DEFLATE, as HTTP-Redirect carries messages (SAML bindings 3.4.4.1), stopped while inflating.

use std::io::Read as _;

use flate2::read::DeflateDecoder;

use crate::saml::xml::MESSAGE;

/// Most bytes that one byte may inflate to, over the whole message.
pub const RATIO: usize = 200;

/// Why something is not inflated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeflateProblem {
    /// No DEFLATE.
    #[error("it is no raw DEFLATE data")]
    Foreign,
    /// More than a message may have.
    #[error("it inflates to more than {MESSAGE} bytes, expected at most that")]
    TooLarge,
    /// Too much out of too little.
    #[error("it inflates to more than {RATIO} times its size, expected at most that")]
    Ratio,
    /// Something behind the end.
    #[error("{0} bytes stand behind the end of the deflated data, expected none")]
    Trailing(usize),
}

/// Inflates as much as is allowed.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DeflateProblem> {
    let allowed = bytes.len().saturating_mul(RATIO).min(MESSAGE);
    let mut decoder = DeflateDecoder::new(bytes);
    let mut inflated = Vec::new();
    let mut limited = decoder.by_ref().take(allowed as u64 + 1);
    limited.read_to_end(&mut inflated).map_err(|_| DeflateProblem::Foreign)?;
    if inflated.len() > allowed {
        let is_large = allowed == MESSAGE;
        return Err(if is_large { DeflateProblem::TooLarge } else { DeflateProblem::Ratio });
    }
    let read = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
    match bytes.len().saturating_sub(read) {
        0 => Ok(inflated),
        trailing => Err(DeflateProblem::Trailing(trailing)),
    }
}

#[cfg(test)]
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;

    let level = flate2::Compression::best();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that does not shrink to nothing.
    fn noise(length: usize) -> Vec<u8> {
        let step = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let states = std::iter::successors(Some(7_u32), step);
        states.map(|state| b'a' + u8::try_from(state >> 28).unwrap()).take(length).collect()
    }

    #[test]
    fn what_was_deflated_comes_back_and_what_was_not_is_told() {
        assert_eq!(inflate(&deflate(b"<a/>")).unwrap(), b"<a/>");
        assert_eq!(inflate(b"\xff\xff\xff"), Err(DeflateProblem::Foreign));
        let cut = deflate(&noise(1000));
        assert_eq!(inflate(cut.get(..cut.len() - 9).unwrap()), Err(DeflateProblem::Foreign));
        let more = [deflate(b"<a/>"), b"xyz".to_vec()].concat();
        assert_eq!(inflate(&more), Err(DeflateProblem::Trailing(3)));
    }

    #[test]
    fn a_message_at_the_limit_is_inflated_and_one_byte_more_is_not() {
        assert_eq!(inflate(&deflate(&noise(MESSAGE))).unwrap().len(), MESSAGE);
        assert_eq!(inflate(&deflate(&noise(MESSAGE + 1))), Err(DeflateProblem::TooLarge));
    }

    #[test]
    fn a_bomb_is_stopped_at_two_hundred_times_its_size() {
        // Zeroes shrink a thousandfold.
        let bomb = deflate(&vec![0; 100_000]);
        assert!(bomb.len() * RATIO < 100_000);
        assert_eq!(inflate(&bomb), Err(DeflateProblem::Ratio));
        let fits = |length: usize| deflate(&vec![0; length]).len() * RATIO >= length;
        let (mut largest, mut over) = (1, 100_000);
        while over - largest > 1 {
            let middle = usize::midpoint(largest, over);
            if fits(middle) { largest = middle } else { over = middle }
        }
        assert!(inflate(&deflate(&vec![0; largest])).is_ok());
        assert_eq!(inflate(&deflate(&vec![0; largest + 1])), Err(DeflateProblem::Ratio));
    }
}
