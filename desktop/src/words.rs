//! The catalogue of words: every text a person sees comes from `assets/words/<language>/*.ftl` by its name.

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;

static_loader! {
    static CATALOGUE = {
        locales: "../assets/words",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = fluent_templates::langid!("en");

/// The words of this name. A missing name is shown as itself, and a test finds it.
#[must_use]
pub fn tr(name: &str) -> String {
    CATALOGUE
        .try_lookup(&ENGLISH, name)
        .unwrap_or_else(|| name.to_owned())
}

/// The words of this name with values put in: `tr_with("last-seen", &[("time", "12:05".into())])`.
#[must_use]
pub fn tr_with(name: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
    let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> = values
        .iter()
        .map(|(key, value)| (Cow::Borrowed(*key), value.clone()))
        .collect();
    CATALOGUE
        .try_lookup_with_args(&ENGLISH, name, &arguments)
        .unwrap_or_else(|| name.to_owned())
}
