//! Seeded chance and the ways it spoils bytes. Small on purpose: a seed must mean the same for ever.

/// SplitMix64.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// Pieces that break careless readers of JSON and of addresses.
const NASTY: &[&str] = &[
    "[[[[[[[[",
    "]]]]",
    "{\"a\":{\"a\":",
    "null",
    "true",
    "-1",
    "1e999",
    "-0",
    "0.5",
    "9007199254740992",
    "18446744073709551616",
    "\"\\ud800\"",
    "\\u0000",
    "\"d\":{},",
    "\"t\":\"ping\",",
    "\"id\":1,\"id\":2,",
    "\u{202e}",
    "\u{feff}",
    "://",
    "@",
    "%2f",
    "&i=",
    "&pin=sha256/",
    "[::1]:",
    ":0",
    ":65536",
    "\r\n",
    "\0",
];

/// One sample, spoilt in one to four ways; sometimes left whole.
pub(crate) fn spoil(chance: &mut Chance, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut data = chance.pick(samples).clone();
    for _ in 0..chance.below(5) {
        let at = chance.below(data.len() + 1);
        match chance.below(9) {
            0 if at < data.len() => data[at] ^= 1 << chance.below(8),
            1 => data.truncate(at),
            2 => {
                let other = chance.pick(samples);
                let from = chance.below(other.len() + 1);
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
            3 => drop(data.splice(at..at, (*chance.pick(NASTY)).bytes())),
            4 => {
                let depth = chance.below(400);
                let open = *chance.pick(b"[{\"");
                drop(data.splice(at..at, std::iter::repeat_n(open, depth)));
            }
            5 => {
                let digits = chance.below(40);
                drop(data.splice(at..at, std::iter::repeat_n(b'9', digits)));
            }
            6 => {
                let length = chance.below(6);
                let bytes = chance.bytes(length);
                drop(data.splice(at..at, bytes));
            }
            7 => duplicate_field(chance, &mut data),
            _ if at < data.len() => drop(data.remove(at)),
            _ => {}
        }
    }
    data
}

/// Repeats what lies between two commas: in a flat JSON object, a field.
fn duplicate_field(chance: &mut Chance, data: &mut Vec<u8>) {
    let commas: Vec<usize> = (0..data.len()).filter(|&at| data[at] == b',').collect();
    if commas.len() >= 2 {
        let first = chance.below(commas.len() - 1);
        let field = data[commas[first]..commas[first + 1]].to_vec();
        drop(data.splice(commas[first]..commas[first], field));
    }
}
