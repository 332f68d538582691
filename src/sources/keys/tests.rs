use super::*;

#[test]
fn room_for_what_is_expected_changes_no_key() {
    let mut keys = Keys::default();
    let known = keys.intern(KeySpace::Login, b"ann").unwrap();
    let before = keys.size();
    let added: Vec<_> = (0..2000)
        .map(|n: u32| keys.intern(KeySpace::Login, n.to_string().as_bytes()).unwrap())
        .collect();
    keys.expect(before, 40);
    let slots = keys.slots(KeySpace::Login).len();
    assert!(slots * 3 >= 80_000 * 5 && keys.slots(KeySpace::Uid).is_empty());
    for n in 0..60_000_u32 {
        let key = keys.intern(KeySpace::Login, n.to_string().as_bytes()).unwrap();
        assert_eq!(added.get(n as usize).copied().unwrap_or(key), key);
    }
    assert_eq!(keys.slots(KeySpace::Login).len(), slots);
    assert_eq!(keys.get(KeySpace::Login, b"ann"), Some(known));
    assert_eq!((foreseen(7, 3, 100), foreseen(7, usize::MAX, 100)), (21, 100));
}

#[test]
fn one_text_in_two_spaces_is_two_keys() {
    let mut keys = Keys::default();
    let login = keys.intern(KeySpace::Login, b"alice").unwrap();
    let uid = keys.intern(KeySpace::Uid, b"alice").unwrap();
    assert_ne!(login, uid);
    assert_eq!(keys.intern(KeySpace::Login, b"alice"), Ok(login));
    assert_eq!(keys.space(uid), Some(KeySpace::Uid));
}

#[test]
fn every_key_is_found_again_after_growth() {
    let mut keys = Keys::default();
    for n in 0..10_000_u32 {
        assert_eq!(keys.intern(KeySpace::Login, n.to_string().as_bytes()), Ok(KeyId(n)));
    }
    for n in 0..10_000_u32 {
        assert_eq!(keys.get(KeySpace::Login, n.to_string().as_bytes()), Some(KeyId(n)));
        assert_eq!(keys.text(KeyId(n)), n.to_string().as_bytes());
    }
    assert_eq!(keys.get(KeySpace::Login, b"10000"), None);
}
