//! Tests wait for a condition with a deadline, never for a length of time; one helper does it for all.

use super::Finding;
use super::lists::SLEEPER;
use super::paths;
use super::source::Source;

/// Finds sleeping in test code, in whichever file it stands.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if source.path == SLEEPER {
        return Vec::new();
    }
    let in_test = |at: usize| {
        source
            .program
            .as_bytes()
            .get(at)
            .is_some_and(|byte| *byte == b' ')
    };
    paths::names(&source.code)
        .into_iter()
        .filter(|name| in_test(name.at))
        .filter(|name| {
            matches!(
                name.path.rsplit("::").next(),
                Some("sleep" | "sleep_ms" | "sleep_until")
            )
        })
        .filter(|name| {
            let called = source.code[name.at + name.path.len()..].starts_with('(');
            name.path.contains("::") || (called && !source.code[..name.at].ends_with("fn "))
        })
        .map(|name| {
            let text = format!("`{}` in a test: wait for what you mean with {SLEEPER}", name.path);
            Finding::new(&source.path, source.line(name.at), text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_is_for_the_product_and_the_one_helper() {
        let sleeping = "fn f() { std::thread::sleep(a); }";
        assert_eq!(
            check(&Source::new("tests/tests/it/r1.rs", sleeping, true)).len(),
            1
        );
        assert_eq!(check(&Source::new("tests/src/wait.rs", sleeping, true)).len(), 0);
        assert_eq!(
            check(&Source::new("server/src/net/accept.rs", sleeping, false)).len(),
            0
        );
        let inline = "fn a() {}\n#[cfg(test)]\nmod tests { use tokio::time::sleep; fn f() { sleep(a); } }";
        assert_eq!(check(&Source::new("server/src/hub.rs", inline, false)).len(), 2);
    }
}
