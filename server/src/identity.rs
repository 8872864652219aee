//! The server's key: made once, kept over restarts and renewals, and known to others by its pin.

use crate::secret::base64url;
use crate::store::data_dir::{make_private, modified_ms, read_small, write_private};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerSessionMemoryCache;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// The private key, PKCS #8, mode 0600. Whoever has it can be this server.
pub const KEY_FILE: &str = "key.pem";
/// Its certificate, self-signed; made anew from the same key when it is missing.
pub const CERT_FILE: &str = "cert.pem";
/// What both ends say they speak.
const ALPN: &[u8] = b"breeze/1";
/// Sessions that can be resumed with a shorter handshake: a community coming back after a restart of the network.
const TLS_SESSIONS: usize = 1024;

/// What the server proves itself with.
#[derive(Clone)]
pub struct Identity {
    /// `sha256/` and the base64url SHA-256 of the public key (SPKI).
    pub pin: String,
    /// TLS 1.3 with that key.
    pub tls: Arc<ServerConfig>,
}

/// Why there is no identity; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
#[error(
    "{file} cannot be used ({detail}): put the server's own key back, or move the file away to get a new key \
         (everybody will then be warned that the server has changed)"
)]
pub struct IdentityError {
    file: String,
    detail: String,
}

/// Chooses the one provider of cryptography for the whole process. Call first thing in `main`.
pub fn install_provider() {
    // A second call (tests) finds the same provider installed.
    let _ = ring::default_provider().install_default();
}

/// Reads the key and certificate of a data directory, or makes them.
///
/// # Errors
/// [`IdentityError`].
pub fn load(data: &Path) -> Result<Identity, IdentityError> {
    let key_path = data.join(KEY_FILE);
    let fail = |path: &Path| {
        let file = path.display().to_string();
        move |detail: String| IdentityError { file, detail }
    };
    let key = match read_small(&key_path).map_err(|error| fail(&key_path)(error.to_string()))? {
        Some(pem) => {
            make_private(&key_path).map_err(|error| fail(&key_path)(error.to_string()))?;
            KeyPair::from_pem(&pem).map_err(|error| fail(&key_path)(error.to_string()))?
        }
        None => {
            let key = KeyPair::generate().map_err(|error| fail(&key_path)(error.to_string()))?;
            write_private(&key_path, &key.serialize_pem())
                .map_err(|error| fail(&key_path)(error.to_string()))?;
            key
        }
    };
    let pin = pin_of(&key);
    let cert_path = data.join(CERT_FILE);
    let kept = read_small(&cert_path).map_err(|error| fail(&cert_path)(error.to_string()))?;
    if let Some(tls) = kept.and_then(|pem| server_config(&pem, &key).ok()) {
        return Ok(Identity { pin, tls });
    }
    let pem = certificate(&key).map_err(fail(&cert_path))?;
    write_private(&cert_path, &pem).map_err(|error| fail(&cert_path)(error.to_string()))?;
    let tls = server_config(&pem, &key).map_err(fail(&cert_path))?;
    Ok(Identity { pin, tls })
}

/// What a look at the key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// As in [`Identity`].
    pub pin: String,
    /// Whether the certificate is there and belongs to the key.
    pub matches: bool,
    /// When the certificate was written, milliseconds since 1970 UTC.
    pub certificate_ms: Option<u64>,
}

/// Looks at the key and certificate and makes nothing; `None` when there is no key.
///
/// # Errors
/// [`IdentityError`].
pub fn look(data: &Path) -> Result<Option<Looked>, IdentityError> {
    let path = data.join(KEY_FILE);
    let fail = |detail: String| IdentityError {
        file: path.display().to_string(),
        detail,
    };
    let Some(pem) = read_small(&path).map_err(|error| fail(error.to_string()))? else {
        return Ok(None);
    };
    let key = KeyPair::from_pem(&pem).map_err(|error| fail(error.to_string()))?;
    let certificate = data.join(CERT_FILE);
    let kept = read_small(&certificate).ok().flatten();
    Ok(Some(Looked {
        pin: pin_of(&key),
        matches: kept.is_some_and(|pem| server_config(&pem, &key).is_ok()),
        certificate_ms: modified_ms(&certificate),
    }))
}

fn pin_of(key: &KeyPair) -> String {
    format!(
        "sha256/{}",
        base64url(&Sha256::digest(key.subject_public_key_info()))
    )
}

fn certificate(key: &KeyPair) -> Result<String, String> {
    let make = || {
        let mut params = CertificateParams::new(vec!["breeze-server".to_owned(), "localhost".to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "breeze-server");
        params.self_signed(key).map(|cert| cert.pem())
    };
    make().map_err(|error: rcgen::Error| error.to_string())
}

fn server_config(cert_pem: &str, key: &KeyPair) -> Result<Arc<ServerConfig>, String> {
    let cert = CertificateDer::from_pem_slice(cert_pem.as_bytes()).map_err(|error| error.to_string())?;
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(str::to_owned)?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| error.to_string())?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(vec![cert], private)
        .map_err(|error| error.to_string())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(TLS_SESSIONS);
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_kept_over_restarts_and_the_certificate_over_renewals() {
        let dir = tempfile::tempdir().unwrap();
        let first = load(dir.path()).unwrap().pin;
        assert_eq!(first.len(), "sha256/".len() + 43);
        assert_eq!(load(dir.path()).unwrap().pin, first);
        let key = dir.path().join(KEY_FILE);
        assert_eq!(
            std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::remove_file(dir.path().join(CERT_FILE)).unwrap();
        assert_eq!(
            load(dir.path()).unwrap().pin,
            first,
            "a renewed certificate keeps the key"
        );
        std::fs::write(dir.path().join(CERT_FILE), "damaged").unwrap();
        assert_eq!(load(dir.path()).unwrap().pin, first);
    }

    #[test]
    fn a_damaged_key_is_never_replaced_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(KEY_FILE), "damaged").unwrap();
        let Err(error) = load(dir.path()) else {
            panic!("it must not be taken")
        };
        assert!(
            error.to_string().contains("put the server's own key back"),
            "{error}"
        );
    }
}
