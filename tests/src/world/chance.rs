//! Seeded chance of a pretend world: the same seed makes the same world, packet by packet.

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The chance of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed nobody has used, unless `BREEZE_WORLD_SEED` names one to replay.
    ///
    /// # Panics
    /// When the variable is no number.
    #[must_use]
    pub fn seed() -> u64 {
        match std::env::var("BREEZE_WORLD_SEED") {
            Ok(text) => text.parse().expect("BREEZE_WORLD_SEED is a number"),
            Err(_) => getrandom::u64().expect("the system has chance"),
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Whether something of so many per thousand happens.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }
}
