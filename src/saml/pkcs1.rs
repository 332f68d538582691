//! RSA signature values of PKCS #1 v1.5 (RFC 8017 8.2.2) under the exponent that nearly every key has.
//!
//! A library's exponentiation takes the same steps for every exponent, as it may be secret. This one is not, and
//! sixteen squarings and a product are a third of those steps.

use crypto_bigint::BoxedUint;
use crypto_bigint::modular::BoxedMontyForm;
use rsa::PublicKey;
use rsa::traits::PublicKeyParts as _;

use super::key::Hash;

/// The exponent, `2^16 + 1`.
const EXPONENT: u32 = 65_537;

/// Whether a value is the key's signature over something with this digest; none for another exponent.
pub(super) fn verifies(key: &PublicKey, hash: Hash, digest: &[u8], value: &[u8]) -> Option<bool> {
    if *key.e() != BoxedUint::from(EXPONENT) {
        return None;
    }
    let params = key.n_params();
    let size = key.size();
    let number = BoxedUint::from_be_slice(value, params.bits_precision()).ok();
    let Some(number) = number.filter(|number| value.len() == size && number < key.n().as_ref())
    else {
        return Some(false);
    };
    let base = BoxedMontyForm::new(number, params);
    let power = (0..16).fold(base.clone(), |power, _| power.square()).mul(&base);
    let octets = power.retrieve().to_be_bytes();
    let (above, encoded) = octets.split_at_checked(octets.len().saturating_sub(size))?;
    let is_small = above.iter().all(|byte| *byte == 0);
    Some(is_small && encoded_message(hash, digest, size).as_deref() == Some(encoded))
}

/// `EMSA-PKCS1-v1_5` (RFC 8017 9.2); none where the key is too short for it.
fn encoded_message(hash: Hash, digest: &[u8], size: usize) -> Option<Vec<u8>> {
    let info = [info(hash), digest].concat();
    let padding = size.checked_sub(info.len() + 3).filter(|length| *length >= 8)?;
    Some([&[0, 1][..], &vec![0xff; padding], &[0], &info].concat())
}

/// `DigestInfo` up to the digest.
const fn info(hash: Hash) -> &'static [u8] {
    match hash {
        Hash::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        Hash::Sha224 => {
            b"\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c"
        }
        Hash::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        Hash::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        Hash::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rsa::Pkcs1v15Sign;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::saml::key::{Algorithm, Scheme, VerifyingKey};
    use crate::saml::test_key::Signer;

    fn key(signer: &Signer) -> PublicKey {
        match VerifyingKey::of_certificate(&signer.certificate).unwrap() {
            VerifyingKey::Rsa(key) => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_of_every_hash_verify_under_their_key_and_hash_alone() {
        let (signer, stranger) = (Signer::test().unwrap(), Signer::stranger().unwrap());
        for hash in Hash::ALL {
            let algorithm = Algorithm { scheme: Scheme::RsaPkcs1, hash };
            let value = signer.key.sign(algorithm, b"octets", None).unwrap();
            let digest = hash.digest(b"octets");
            assert_eq!(verifies(&key(&signer), hash, &digest, &value), Some(true), "{hash:?}");
            assert_eq!(verifies(&key(&stranger), hash, &digest, &value), Some(false));
            assert_eq!(verifies(&key(&signer), hash, &hash.digest(b"other"), &value), Some(false));
            for other in Hash::ALL.into_iter().filter(|other| *other != hash) {
                let digest = other.digest(b"octets");
                assert_eq!(verifies(&key(&signer), other, &digest, &value), Some(false));
            }
            for wrong in [&value[1..], &[&[0][..], &value].concat(), &[]] {
                assert_eq!(verifies(&key(&signer), hash, &digest, wrong), Some(false));
            }
        }
    }

    #[test]
    fn a_value_that_the_modulus_was_added_to_is_refused_and_another_exponent_is_not_tried() {
        let signer = Signer::test().unwrap();
        let key = key(&signer);
        let digest = Hash::Sha256.digest(b"octets");
        let most = vec![0xff; key.size()];
        assert_eq!(verifies(&key, Hash::Sha256, &digest, &most), Some(false));
        let VerifyingKey::Rsa(three) = VerifyingKey::rsa(&[0x81; 128], &[3]).unwrap() else {
            panic!("no RSA key");
        };
        assert_eq!(verifies(&three, Hash::Sha256, &digest, &[0; 128]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn it_says_what_the_library_says(text in any::<Vec<u8>>(), at in 0..300_usize, flip in any::<u8>()) {
            let signer = Signer::test().unwrap();
            let key = key(&signer);
            let mut value = signer.key.sign(Algorithm::RSA_SHA256, &text, None).unwrap();
            if let Some(byte) = value.get_mut(at) {
                *byte ^= flip;
            }
            let digest = Sha256::digest(&text);
            let library = key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &value).is_ok();
            prop_assert_eq!(verifies(&key, Hash::Sha256, &digest, &value), Some(library));
        }

        #[test]
        fn no_value_panics(value in prop::collection::vec(any::<u8>(), 0..600), bytes in 64..300_usize) {
            let Ok(VerifyingKey::Rsa(key)) = VerifyingKey::rsa(&vec![0x81; bytes], &[1, 0, 1]) else {
                panic!("no RSA key");
            };
            let _ = verifies(&key, Hash::Sha512, &[7; 64], &value);
        }
    }
}
