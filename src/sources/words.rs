//! Short texts compared several bytes at a time, without a call.

/// Whether two texts are the same.
#[inline]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    // Two pieces that overlap cover what is no multiple of their length.
    if one.len() > 32 {
        let ((one, one_end), (other, other_end)) = (pieces(one), pieces(other));
        let all = one.iter().zip(other);
        return all.fold(one_end ^ other_end, |odd, (one, other)| odd | piece(one) ^ piece(other))
            == 0;
    }
    if let (Some(one), Some(other)) = (ends::<16>(one), ends::<16>(other)) {
        return one == other;
    }
    if let (Some(one), Some(other)) = (ends::<8>(one), ends::<8>(other)) {
        return one == other;
    }
    one.iter().zip(other).all(|(one, other)| one == other)
}

/// What stands behind `start` in a text that begins with it.
#[inline]
pub(super) fn behind<'t>(text: &'t [u8], start: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    same(head, start).then_some(rest)
}

/// The pieces of a text, and the one that it ends with.
#[inline]
fn pieces(text: &[u8]) -> (&[[u8; 16]], u128) {
    (text.as_chunks().0, text.last_chunk().map_or(0, piece))
}

const fn piece(bytes: &[u8; 16]) -> u128 {
    u128::from_ne_bytes(*bytes)
}

/// What a text begins and what it ends with.
#[inline]
fn ends<const N: usize>(text: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((text.first_chunk()?, text.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_wherever_one_byte_does() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(same(&text, &text.clone()));
            assert!(!same(&text, &[text.as_slice(), b"x"].concat()));
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 0x80;
                assert!(!same(&text, &other), "{length} bytes, byte {at}");
            }
        }
    }

    #[test]
    fn a_text_is_cut_behind_its_beginning() {
        for start in ["", "dn:", "member: ", "userPrincipalName:"] {
            let text = format!("{start}rest");
            assert_eq!(behind(text.as_bytes(), start.as_bytes()), Some(b"rest".as_slice()));
            assert_eq!(behind(start.as_bytes(), text.as_bytes()), None);
        }
        assert_eq!(behind(b"members: x", b"member: "), None);
    }
}
