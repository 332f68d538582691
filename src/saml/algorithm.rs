//! The algorithms to sign with, by their names here and their URIs (RFC 6931 and 9231).

use super::key::{Algorithm, Hash, Scheme};

impl Hash {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// As part of an algorithm's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// As a `DigestMethod`.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::Sha224 => "http://www.w3.org/2001/04/xmldsig-more#sha224",
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }
}

const SCHEMES: [(Scheme, &str); 3] =
    [(Scheme::RsaPkcs1, "rsa"), (Scheme::RsaPss, "rsa-pss"), (Scheme::Ecdsa, "ecdsa")];

impl Algorithm {
    /// What Okta signs with.
    pub const RSA_SHA256: Self = Self { scheme: Scheme::RsaPkcs1, hash: Hash::Sha256 };

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        SCHEMES.into_iter().flat_map(|(scheme, _)| Hash::ALL.map(|hash| Self { scheme, hash }))
    }

    /// Its name here: `rsa-sha256`, `rsa-pss-sha256`, `ecdsa-sha256`.
    pub fn name(self) -> String {
        let scheme = SCHEMES.iter().find(|(scheme, _)| *scheme == self.scheme);
        let scheme = scheme.map_or("", |(_, name)| *name);
        format!("{scheme}-{}", self.hash.as_str())
    }

    /// The algorithm of such a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|algorithm| algorithm.name() == name)
    }

    /// As a `SignatureMethod`.
    pub fn uri(self) -> String {
        let hash = self.hash.as_str();
        match (self.scheme, self.hash) {
            (Scheme::RsaPkcs1, Hash::Sha1) => {
                "http://www.w3.org/2000/09/xmldsig#rsa-sha1".to_owned()
            }
            (Scheme::RsaPkcs1, _) => format!("http://www.w3.org/2001/04/xmldsig-more#rsa-{hash}"),
            (Scheme::RsaPss, _) => {
                format!("http://www.w3.org/2007/05/xmldsig-more#{hash}-rsa-MGF1")
            }
            (Scheme::Ecdsa, _) => format!("http://www.w3.org/2001/04/xmldsig-more#ecdsa-{hash}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_found_by_its_name_and_by_its_uri_and_no_two_share_one() {
        for algorithm in Algorithm::all() {
            assert_eq!(Algorithm::parse(&algorithm.name()), Some(algorithm));
            assert_eq!(Algorithm::of_uri(&algorithm.uri()), Some(algorithm));
        }
        for hash in Hash::ALL {
            assert_eq!(Hash::of_uri(hash.uri()), Some(hash));
        }
        assert_eq!(Algorithm::RSA_SHA256.name(), "rsa-sha256");
        assert_eq!(Algorithm::parse("hmac-sha1"), None);
    }
}
