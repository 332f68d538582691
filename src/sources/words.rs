//! Short texts compared eight bytes at a time, without a call.

/// Whether two texts are the same.
#[inline]
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some(one_end), Some(other_end)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(one, other)| one == other);
    };
    // The last word overlaps the one before.
    let (one, _) = one.as_chunks::<8>();
    let (other, _) = other.as_chunks::<8>();
    let words = one.iter().zip(other);
    words.fold(differing(one_end, other_end), |odd, (one, other)| odd | differing(one, other)) == 0
}

/// What stands behind `start` in a text that begins with it.
#[inline]
pub(super) fn behind<'t>(text: &'t [u8], start: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    same(head, start).then_some(rest)
}

const fn differing(one: &[u8; 8], other: &[u8; 8]) -> u64 {
    u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other)
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
