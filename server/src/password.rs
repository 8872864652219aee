//! Passwords: argon2id on a few threads of its own, so that sign-ins can neither fill memory nor hold up anything else.

use crate::secret;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use breeze_protocol::limit::PASSWORD_CHARS;
use breeze_protocol::message::sign_in::Secret;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Memory of one hash, KiB: what OWASP asks for with two passes.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Bytes of a hash.
const OUTPUT_BYTES: usize = 32;
/// What is asked of the system for one hash, KiB; only `MEMORY_KIB` of it are ever touched. glibc keeps freed memory of
/// up to 32 MiB for itself, which would leave the server 40 MiB larger after its first sign-in; more it gives back.
const ASKED_KIB: usize = 33 * 1024;
/// Threads that hash: at most 2 x 19 MiB are in use at once.
const WORKERS: usize = 2;
/// Passwords that may wait: at about 20 ms each and two threads, the last one waits well under a second.
const WAITING_MAX: usize = 64;
/// Passwords people use most; one a line, lower case.
const COMMON: &str = include_str!("common_passwords.txt");
/// What an unknown name's password is checked against, so that it costs the same. Nobody knows a password for it.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YnJlZXplLW5vLXN1Y2gtMQ$8mYp2yq1K3QqVbS0bqk4r1m0c1s3zJmYxT1oQ4mB9aE";

/// Too many passwords wait to be checked. The person tries again in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

enum Job {
    Hash(Secret, oneshot::Sender<String>),
    Verify(Secret, Option<String>, oneshot::Sender<bool>),
}

/// The threads that hash. Ends when the last clone is dropped.
#[derive(Clone)]
pub struct Pool {
    jobs: SyncSender<Job>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(WAITING_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..WORKERS {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// Hashes a new password into a PHC string.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &Secret) -> Result<String, Busy> {
        let (answer, got) = oneshot::channel();
        self.jobs
            .try_send(Job::Hash(password.clone(), answer))
            .map_err(|_| Busy)?;
        got.await.map_err(|_| Busy)
    }

    /// Whether a password is the one of this PHC string. `None` costs the same and is never right.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &Secret, phc: Option<String>) -> Result<bool, Busy> {
        let (answer, got) = oneshot::channel();
        self.jobs
            .try_send(Job::Verify(password.clone(), phc, answer))
            .map_err(|_| Busy)?;
        got.await.map_err(|_| Busy)
    }
}

/// Whether a password may be taken: 8 to 128 characters, and not one everybody tries first.
#[must_use]
pub fn is_strong(password: &str) -> bool {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return false;
    }
    let folded = password.to_lowercase();
    !COMMON.lines().any(|common| common == folded)
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        // An asker that has gone does not want the answer: nothing to report.
        let _ = match job {
            Ok(Job::Hash(password, answer)) => answer.send(hash_now(&password)).is_ok(),
            Ok(Job::Verify(password, phc, answer)) => {
                answer.send(verify_now(&password, phc.as_deref())).is_ok()
            }
            Err(_) => return,
        };
    }
}

fn params() -> Params {
    Params::new(MEMORY_KIB, PASSES, 1, Some(OUTPUT_BYTES)).expect("the constants are within argon2's limits")
}

fn output(password: &Secret, salt: &[u8], params: Params) -> Option<[u8; OUTPUT_BYTES]> {
    let blocks = params.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(blocks.max(ASKED_KIB));
    memory.resize(blocks, Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; OUTPUT_BYTES];
    argon2
        .hash_password_into_with_memory(password.0.as_bytes(), salt, &mut out, &mut memory)
        .ok()?;
    Some(out)
}

fn hash_now(password: &Secret) -> String {
    let salt = secret::random_id();
    let out = output(password, &salt, params()).expect("a password of any length hashes");
    let salt = Salt::new(&salt).expect("sixteen bytes are a salt");
    let hash = Output::new(&out).expect("thirty-two bytes are a hash");
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${hash}")
}

/// Whether a password is the one of a PHC string, which may have been made with other parameters than today's.
fn verify_now(password: &Secret, phc: Option<&str>) -> bool {
    let Ok(kept) = PasswordHash::new(phc.unwrap_or(DUMMY)) else {
        tracing::error!(
            "a kept password cannot be read: give that account a new one with `user reset-password`"
        );
        return false;
    };
    let (Ok(params), Some(salt), Some(hash)) = (Params::try_from(&kept), &kept.salt, &kept.hash) else {
        return false;
    };
    let Some(out) = output(password, salt.as_ref(), params) else {
        return false;
    };
    // `Output` compares in constant time.
    let right = Output::new(&out).is_ok_and(|out| out == *hash);
    right && phc.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let pool = Pool::start().unwrap();
        let password = Secret("correct horse".into());
        let phc = pool.hash(&password).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(pool.verify(&password, Some(phc.clone())).await.unwrap());
        assert!(
            !pool
                .verify(&Secret("wrong horse".into()), Some(phc))
                .await
                .unwrap()
        );
        assert!(!pool.verify(&password, None).await.unwrap());
    }

    #[test]
    fn the_dummy_costs_what_a_real_one_costs() {
        let dummy = PasswordHash::new(DUMMY).unwrap();
        let real = hash_now(&Secret("x".into()));
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(dummy.params, real.params);
        assert_eq!(
            dummy.hash.unwrap().as_bytes().len(),
            real.hash.unwrap().as_bytes().len()
        );
    }

    /// The library's own way of hashing and ours must agree.
    #[test]
    fn a_hash_made_by_the_library_is_known() {
        use argon2::password_hash::PasswordHasher;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params());
        let made: PasswordHash = argon2.hash_password(b"correct horse").unwrap();
        assert!(verify_now(
            &Secret("correct horse".into()),
            Some(&made.to_string())
        ));
        assert!(!verify_now(
            &Secret("wrong horse".into()),
            Some(&made.to_string())
        ));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in [
            "short",
            "password",
            "PASSWORD1",
            "12345678",
            "qwertyuiop",
            "iloveyou",
        ] {
            assert!(!is_strong(weak), "{weak}");
        }
        assert!(!is_strong(&"x".repeat(129)));
        assert!(is_strong("korrekt pferd"));
        assert!(is_strong("密码很长很长很长"));
    }

    #[test]
    fn the_list_has_a_thousand_words_that_could_be_passwords() {
        assert_eq!(COMMON.lines().count(), 1000);
        for word in COMMON.lines() {
            assert_eq!(word, word.trim().to_lowercase());
            assert!(PASSWORD_CHARS.contains(&word.chars().count()), "{word}");
        }
    }
}
