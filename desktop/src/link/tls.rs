//! TLS 1.3 with a key one knows: the pin of an invite, or the platform's roots for a typed host name.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

/// Name of the protocol inside TLS.
pub(super) const ALPN: &[u8] = b"breeze/1";

/// By what a server is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// By its key's pin, `sha256/..`: any one of these.
    Pins(Vec<String>),
    /// By the platform's roots and its host name.
    Platform,
    /// By nothing: only look at the key, never speak.
    Look,
}

/// The pin of the key seen in a handshake.
pub(super) type Seen = Arc<Mutex<Option<String>>>;

/// The configuration for a trust.
///
/// # Errors
/// When the platform's roots cannot be read.
pub(super) fn config(trust: &Trust, seen: Seen) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous();
    let builder = match trust {
        Trust::Platform => {
            let verifier = rustls_platform_verifier::Verifier::new(provider)?;
            builder.with_custom_certificate_verifier(Arc::new(verifier))
        }
        Trust::Pins(pins) => {
            let verifier = Pinned {
                pins: pins.clone(),
                seen,
                provider,
            };
            builder.with_custom_certificate_verifier(Arc::new(verifier))
        }
        Trust::Look => {
            let verifier = Pinned {
                pins: Vec::new(),
                seen,
                provider,
            };
            builder.with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

/// Knows a server by its public key. The handshake's signature is still verified, so whoever only copied the
/// certificate gets no further. Dates and names in the certificate do not matter: the invite vouches for the key.
#[derive(Debug)]
struct Pinned {
    /// Any one of these; none: nothing is believed, only looked at.
    pins: Vec<String>,
    seen: Seen,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pin = pin_of(end_entity)?;
        if let Ok(mut seen) = self.seen.lock() {
            *seen = Some(pin.clone());
        }
        if self.pins.contains(&pin) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(
            rustls::CertificateError::ApplicationVerificationFailure,
        ))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// `sha256/` and the base64url SHA-256 of a certificate's public key.
fn pin_of(certificate: &CertificateDer<'_>) -> Result<String, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    let digest = Sha256::digest(parsed.subject_public_key_info().as_ref());
    Ok(format!("sha256/{}", base64url(&digest)))
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word =
            group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_has_no_padding() {
        assert_eq!(base64url(b""), "");
        assert_eq!(base64url(b"f"), "Zg");
        assert_eq!(base64url(b"fo"), "Zm8");
        assert_eq!(base64url(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }
}
