//! Searching a million messages, and what the index takes from whoever writes: the store alone, without sockets.

use super::alone::{Alone, NOW, people, per_second};
use super::table;
use breeze_protocol::limit::SEARCH_ROWS_MAX;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, ConvId, Mid};
use breeze_server::fault::Fault;
use breeze_server::store::Store;
use breeze_server::store::search::{Search, SearchAsk};
use breeze_server::store::sqlite::SqliteStore;
use breeze_server::store::sqlite::open::DATABASE_FILE;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};
/// Conversations the messages are spread over; the one who searches is in all, another in one.
const CONVS: u64 = 100;
/// How often each question is asked.
const ASKED: usize = 30;
/// Words of English and Chinese texts; the rare ones are put in by number.
const WORDS: &[&str] = &[
    "the",
    "train",
    "leaves",
    "tomorrow",
    "morning",
    "please",
    "bring",
    "your",
    "ticket",
    "and",
    "coffee",
    "we",
    "meet",
    "at",
    "station",
    "I",
    "am",
    "late",
    "again",
    "sorry",
    "明天",
    "我们",
    "一起",
    "吃饭",
    "好的",
    "谢谢",
    "火车站",
    "见面",
    "上海",
    "天气",
    "不错",
    "可以",
];

/// Measures and prints.
///
/// # Panics
/// When the store cannot be made.
pub async fn run(messages: u64, seconds: u64) {
    let dir = tempfile::tempdir().expect("a folder");
    let (me, other) = people(dir.path()).await;
    let start = Instant::now();
    fill(dir.path(), me, other, messages);
    eprintln!("{messages} messages after {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let Alone {
        store,
        commits: _commits,
    } = Alone::open(dir.path(), true, Fault::None);
    let mut early = ask_often(&store, me, "zebra", None).await;
    until_indexed(&store, messages).await;
    let filled = start.elapsed();
    let size = |name: &str| std::fs::metadata(dir.path().join(name)).map_or(0, |it| it.len());
    table::head("The index of a store that had none", &["what", "measured"]);
    table::row(&["filled after".into(), format!("{:.1} s", filled.as_secs_f64())]);
    table::row(&["database".into(), format!("{} MiB", size(DATABASE_FILE) >> 20)]);
    table::row(&["index".into(), format!("{} MiB", size("search.db") >> 20)]);
    table::head(
        "First page of a search",
        &["question", "hits", "samples", "median", "p99", "max"],
    );
    let mut rows = vec![("while it is filled: rare word", early.remove(0), early)];
    for (what, query, conv) in [
        ("English word, rare", "zebra", None),
        ("English word, in a third of all", "train", None),
        ("beginning of a word", "tick", None),
        ("two beginnings, nowhere together", "zebra 北极", None),
        ("two Chinese characters, rare", "北极", None),
        ("two Chinese characters, in a third", "明天", None),
        ("one Chinese character", "站", None),
        ("rare word, one conversation", "zebra", Some(ConvId(1))),
    ] {
        let mut samples = ask_often(&store, me, query, conv).await;
        rows.push((what, samples.remove(0), samples));
    }
    for (what, hits, samples) in rows {
        let mut samples: Vec<Duration> = samples.into_iter().map(|(_, time)| time).collect();
        let spread = table::spread(&mut samples);
        table::row(&[[what.to_owned(), hits.0.to_string()].as_slice(), &spread].concat());
    }
    store.close().await;
    writing(seconds).await;
}

/// Hits and time of each; the first stands for a cold cache and is given too.
async fn ask_often(
    store: &SqliteStore,
    me: AccountId,
    query: &str,
    conv: Option<ConvId>,
) -> Vec<(usize, Duration)> {
    let mut samples = Vec::new();
    for _ in 0..ASKED {
        let ask = SearchAsk {
            wanted: Wanted::of(query).expect("a query"),
            conv,
            before: 0,
            limit: SEARCH_ROWS_MAX,
        };
        let start = Instant::now();
        let page = store.search(me, ask).await.expect("an answer").expect("a member");
        samples.push((page.rows.len(), start.elapsed()));
    }
    samples
}

async fn until_indexed(store: &SqliteStore, entries: u64) {
    let all = || async {
        let held = store.indexed().await.expect("an answer");
        held.is_none_or(|held| held >= entries)
    };
    while !all().await {
        crate::wait::run_for(Duration::from_millis(100)).await;
    }
}

/// Writes the messages straight into the database, as fast as it takes them.
fn fill(dir: &Path, me: AccountId, other: AccountId, messages: u64) {
    let mut conn = Connection::open(dir.join(DATABASE_FILE)).expect("the database");
    let tx = conn.transaction().expect("a transaction");
    let num = |n: u64| i64::try_from(n).expect("a number of the wire");
    let base: i64 = tx
        .query_row("SELECT value FROM meta WHERE key = 'counter'", [], |row| {
            row.get(0)
        })
        .expect("a counter");
    let mut seed = 1_u64;
    for conv in 2..=CONVS {
        tx.execute("INSERT INTO conversations (id) VALUES (?1)", [num(conv)])
            .expect("a conversation");
        for account in [me, other] {
            let sql = "INSERT INTO members (conv, account) VALUES (?1, ?2)";
            tx.execute(sql, params![num(conv), num(account.0)])
                .expect("a member");
        }
    }
    {
        let sql = "INSERT INTO messages (num, conv, seq, n, kind, sender, mid, ts, body) \
                   VALUES (?1, ?2, ?3, ?3, 0, ?4, ?5, ?6, ?7)";
        let mut insert = tx.prepare(sql).expect("a statement");
        for n in 0..messages {
            let (conv, seq) = (1 + n % CONVS, 1 + n / CONVS);
            let row = params![
                base + 1 + num(n),
                num(conv),
                num(seq),
                num(me.0),
                Mid(*uuid::Uuid::now_v7().as_bytes()).0,
                num(NOW + n),
                text(n, &mut seed),
            ];
            insert.execute(row).expect("a message");
        }
        let sql = "UPDATE conversations SET head = (SELECT coalesce(max(seq), 0) FROM messages m WHERE m.conv = id), \
                   head_num = (SELECT coalesce(max(num), 0) FROM messages m WHERE m.conv = id), \
                   n = (SELECT coalesce(max(seq), 0) FROM messages m WHERE m.conv = id)";
        tx.execute(sql, []).expect("heads");
        let counter = "UPDATE meta SET value = ?1 WHERE key = 'counter'";
        tx.execute(counter, [base + num(messages)]).expect("a counter");
    }
    tx.commit().expect("a commit");
}

/// Ten words, and the rare ones by number.
pub(super) fn text(n: u64, seed: &mut u64) -> String {
    let mut words = Vec::new();
    for _ in 0..10 {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from((*seed >> 33) % WORDS.len() as u64).expect("small");
        words.push(WORDS[at]);
    }
    if n.is_multiple_of(10_007) {
        words.push("zebra");
    }
    if n.is_multiple_of(9_973) {
        words.push("北极熊");
    }
    words.join(" ")
}

/// Messages a second into a store with 512 on the way, with and without an index beside it, turn by turn.
async fn writing(seconds: u64) {
    table::head(
        "Messages a second into the store, 512 on the way",
        &["round", "without an index", "with one", "ratio"],
    );
    let mut seed = 1;
    for round in 1..=3 {
        let mut rates = Vec::new();
        for searchable in [false, true] {
            let dir = tempfile::tempdir().expect("a folder");
            let (me, _) = people(dir.path()).await;
            let mut alone = Alone::open(dir.path(), searchable, Fault::None);
            let time = Duration::from_secs(seconds);
            let samples = alone.send_for(me, 512, time, |n| text(n, &mut seed)).await;
            rates.push(per_second(samples.len(), time));
            alone.store.close().await;
        }
        let (without, with) = (rates[0], rates[1]);
        let cells = [
            format!("{without:.0}"),
            format!("{with:.0}"),
            format!("{:.2}", with / without),
        ];
        table::row(&[[round.to_string()].as_slice(), &cells].concat());
    }
}
