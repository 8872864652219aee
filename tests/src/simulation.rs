//! A pretend world for messages: the server's real tasks and store, the devices of four people with a real client's rules,
//! networks that break, a server that dies, under a pretend clock. Two minutes of it take about a quarter of a second.
//!
//! A seed decides what everybody does and what breaks when. Tasks that wake in the same millisecond take their turns as the
//! runtime likes, so a replay of a seed is alike and not the same.

mod book;
mod device;
mod host;
mod judge;
mod network;

use crate::wait;
use crate::world::Chance;
use book::{Part, Shared};
use breeze_protocol::message::sign_in::Secret;
use breeze_protocol::{AccountId, Mid};
use breeze_server::fault::Fault;
use breeze_server::secret;
use breeze_server::store::{ContactChange, GroupChange, NewAccount, Registered, Store};
use device::{Device, Leave};
use host::{Host, NOW_MS};
use network::Network;
pub use network::Weather;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use tokio::runtime::Runtime;

const NAMES: [&str; 4] = ["ann", "bob", "cleo", "dora"];
/// What each of them does at the end.
const LEAVES: [Leave; 4] = [Leave::Stays, Leave::Bye, Leave::Dies, Leave::Cable];
/// Devices of each.
const DEVICES: [usize; 4] = [2, 2, 1, 1];
/// So much time passes at once, milliseconds: no message is faster.
const TICK_MS: u64 = 5;
/// How long everything breaks, milliseconds.
const STORM_MS: u64 = 90_000;
/// How long everybody may take until everything is as it should be: the longest way back after a cable, and settling.
const CALM_MS: u64 = 50_000;
/// Until when those who said goodbye, and those whose program died, must be grey, milliseconds.
const GONE_MS: u64 = 2600;
/// Until when those whose cable was pulled must be grey, milliseconds.
const CABLE_MS: u64 = 16_200;
/// Longest time until something happens to the server, and longest outage, milliseconds.
const SERVER_MS: (u64, u64) = (30_000, 5000);

/// What came of a world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What is wrong, in sentences.
    pub wrong: Vec<String>,
    /// Messages, edits, deletions and emoji promised.
    pub promised: u64,
    /// Things said again on another connection.
    pub sent_again: u64,
    /// Promises that said the server had it already.
    pub dups: u64,
    /// Refusals for a moment.
    pub refused: u64,
    /// Programs of devices that died.
    pub deaths: u64,
    /// Servers that died, and servers that were told to stop.
    pub crashes: u64,
    /// Orderly stops of the server.
    pub stops: u64,
    /// What the network did.
    pub weather: Weather,
}

impl Outcome {
    /// What came of two worlds.
    pub fn add(&mut self, other: &Self) {
        let (weather, more) = (&mut self.weather, other.weather);
        self.wrong.extend(other.wrong.iter().cloned());
        self.promised += other.promised;
        self.sent_again += other.sent_again;
        self.dups += other.dups;
        self.refused += other.refused;
        self.deaths += other.deaths;
        self.crashes += other.crashes;
        self.stops += other.stops;
        weather.connections += more.connections;
        weather.cuts += more.cuts;
        weather.darks += more.darks;
        weather.stills += more.stills;
    }

    /// Whether everything has broken that should: a world in which nothing does proves nothing.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        let weather = &self.weather;
        [
            self.promised,
            self.sent_again,
            self.dups,
            self.deaths,
            self.crashes,
            self.stops,
            weather.cuts,
            weather.darks,
            weather.stills,
        ]
        .iter()
        .all(|count| *count > 0)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Weather {
            connections,
            cuts,
            darks,
            stills,
        } = self.weather;
        write!(
            f,
            "{} promised, {} sent again, {} of them there already, {} refused for a moment; {} programs, {} servers died, \
             {} servers stopped; {connections} connections, {cuts} cut, {darks} dark, {stills} standstills",
            self.promised, self.sent_again, self.dups, self.refused, self.deaths, self.crashes, self.stops
        )
    }
}

struct World {
    devices: Runtime,
    host: Host,
    network: Network,
    book: Shared,
    chance: Chance,
    now_ms: u64,
    /// When something next happens to the server.
    due_ms: u64,
    down_ms: u64,
    accounts: Vec<AccountId>,
    outcome: Outcome,
}

/// Lives through the world of a seed.
///
/// # Panics
/// When it cannot be set up.
#[must_use]
pub fn live(seed: u64, fault: Fault) -> Outcome {
    let mut world = World::new(seed, fault);
    world.people();
    world.pass(STORM_MS, true);
    world.network.calm();
    world.book.open().part = Part::Calm;
    world.pass(CALM_MS, false);
    world.judge();
    world.book.open().part = Part::Leaving;
    world.pass(GONE_MS, false);
    world.presence(&[Leave::Bye, Leave::Dies]);
    world.pass(CABLE_MS - GONE_MS, false);
    world.presence(&[Leave::Bye, Leave::Dies, Leave::Cable]);
    world.end()
}

fn mid(number: u8) -> Mid {
    Mid([number; 16])
}

impl World {
    fn new(seed: u64, fault: Fault) -> Self {
        let mut chance = Chance::new(seed);
        let network = Network::new(Chance::new(chance.below(u64::MAX)));
        let due_ms = chance.below(SERVER_MS.0);
        Self {
            devices: host::runtime(),
            host: Host::new(fault),
            network,
            book: Shared::default(),
            chance,
            now_ms: 0,
            due_ms,
            down_ms: 0,
            accounts: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// Accounts, friends, conversations and devices; then the server starts and the devices begin.
    fn people(&mut self) {
        let tokens = host::runtime().block_on(self.settle());
        self.host.start(&self.network, None);
        let _inside = self.devices.enter();
        let mut number = 0;
        for (who, tokens) in tokens.into_iter().enumerate() {
            for token in tokens {
                let device = Device::new(
                    number,
                    self.accounts[who],
                    token,
                    LEAVES[who],
                    self.book.clone(),
                    self.network.clone(),
                    Chance::new(self.chance.below(u64::MAX)),
                    self.accounts.clone(),
                );
                let row = (device.account, device.local.clone());
                self.book.open().devices.push(row);
                self.devices.spawn(device.live());
                number += 1;
            }
        }
    }

    /// The store's part of it; gives everybody's tokens.
    async fn settle(&mut self) -> Vec<Vec<Secret>> {
        let store = self.host.store.clone();
        let mut all = Vec::new();
        for (number, (name, devices)) in (1_u8..).zip(NAMES.iter().zip(DEVICES)) {
            let (token, hash) = secret::mint();
            let new = NewAccount {
                mid: mid(number),
                invite: None,
                username: (*name).into(),
                skeleton: (*name).into(),
                password_hash: String::new(),
                display_name: (*name).into(),
                device: Some(("first".to_owned(), hash)),
                now_ms: NOW_MS,
            };
            let Registered::Made(made) = store.register(new).await.expect("there is room") else {
                panic!("an empty store takes everybody");
            };
            self.accounts.push(made.account);
            let mut tokens = vec![token];
            for _ in 1..devices {
                let known = store
                    .credentials_of(made.account)
                    .await
                    .expect("the store answers");
                let (token, hash) = secret::mint();
                let known = known.expect("just made");
                let added = store.add_device(known, "other".to_owned(), hash, NOW_MS).await;
                added.expect("there is room").expect("nothing has changed");
                tokens.push(token);
            }
            all.push(tokens);
        }
        self.befriend(&store).await;
        all
    }

    async fn befriend(&self, store: &impl Store) {
        let mut number = 100;
        let mut convs = Vec::new();
        for (a, one) in self.accounts.iter().enumerate() {
            for (b, other) in self.accounts.iter().enumerate().skip(a + 1) {
                let username = NAMES[b].to_owned();
                let ask = ContactChange::Request { username };
                let yes = ContactChange::Answer {
                    account: *one,
                    accept: true,
                };
                store
                    .contact(*one, mid(number), ask, NOW_MS)
                    .await
                    .expect("asked");
                store
                    .contact(*other, mid(number + 1), yes, NOW_MS)
                    .await
                    .expect("answered");
                let conv = store.conv_open(*one, mid(number + 2), *other, NOW_MS).await;
                convs.push(conv.expect("friends may talk"));
                number += 3;
            }
        }
        let create = GroupChange::Create {
            title: "all of them".to_owned(),
            members: self.accounts[1..].to_vec(),
        };
        let group = store
            .group(self.accounts[0], mid(99), create)
            .await
            .expect("all are friends");
        // The group, and those of two in which the same person has another device too.
        self.book.open().convs = [group].into_iter().chain(convs.into_iter().take(3)).collect();
    }

    /// Lets time pass; in a storm the server dies, stops and comes back.
    fn pass(&mut self, ms: u64, storm: bool) {
        let until_ms = self.now_ms + ms;
        let tick = Duration::from_millis(TICK_MS);
        while self.now_ms < until_ms {
            self.now_ms += TICK_MS;
            self.devices.block_on(async { wait::run_for(tick).await });
            let stopped = self.host.pass(tick);
            if stopped {
                self.host.crash(&self.network);
                self.plan_return();
            }
            if !self.host.is_up() && self.now_ms >= self.due_ms {
                self.host.start(&self.network, Some(self.now_ms - self.down_ms));
                self.due_ms = self.now_ms + self.chance.below(SERVER_MS.0);
            } else if storm && self.now_ms >= self.due_ms {
                self.harm();
            }
        }
    }

    fn plan_return(&mut self) {
        self.down_ms = self.now_ms;
        self.due_ms = self.now_ms + self.chance.below(SERVER_MS.1);
    }

    fn harm(&mut self) {
        // An orderly stop ends by itself; until then nothing else happens to it.
        self.due_ms = u64::MAX;
        match self.chance.below(3) {
            0 => {
                self.outcome.stops += 1;
                self.host.stop(&self.network);
            }
            power => {
                self.outcome.crashes += 1;
                if power == 1 {
                    self.network.darken_all();
                }
                self.host.crash(&self.network);
                self.plan_return();
            }
        }
    }

    fn judge(&mut self) {
        let mut book = self.book.open();
        judge::presence(&mut book, &self.accounts, &LEAVES, &[]);
        host::runtime().block_on(judge::judge(&mut book, &self.host.store, &self.accounts));
    }

    fn presence(&self, gone: &[Leave]) {
        judge::presence(&mut self.book.open(), &self.accounts, &LEAVES, gone);
    }

    fn end(self) -> Outcome {
        let weather = self.network.weather();
        drop(self.devices);
        drop(self.host);
        let book = self.book.open();
        Outcome {
            wrong: book.wrong.clone(),
            promised: book.sent.len() as u64,
            sent_again: book.sent_again,
            dups: book.dups,
            refused: book.refused,
            deaths: book.deaths,
            weather,
            ..self.outcome
        }
    }
}
