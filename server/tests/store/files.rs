//! Files: what is reserved, what is charged, who may have what, and that bytes stay exactly as long as something names them.

use super::bench::{self, Bench, NOW, Told, mid};
use super::groups::change;
use super::search::until_indexed;
use breeze_protocol::limit::UPLOAD_KEPT_MS;
use breeze_protocol::message::attachment::{Attachment, FilePlace};
use breeze_protocol::message::chat::{EntryKind, Send};
use breeze_protocol::message::code::NackCode;
use breeze_protocol::message::hello::Roster;
use breeze_protocol::terms::Wanted;
use breeze_protocol::{AccountId, BlobHash, ConvId, TransferId};
use breeze_server::store::data_dir::DataDir;
use breeze_server::store::desk::Desk;
use breeze_server::store::search::{Search, SearchAsk};
use breeze_server::store::sqlite::open::OpenStore;
use breeze_server::store::uploads::{Begun, FileLimits, FileStore, NoUpload, Wish};
use breeze_server::store::{GroupChange, Store, backup, export, files, restore, verify};
use sha2::{Digest, Sha256};
use std::path::Path;

const QUOTA: u64 = 1000;

pub(crate) fn bench() -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let limits = FileLimits {
        file_bytes: 500,
        quota_bytes: QUOTA,
    };
    let options = OpenStore {
        limits,
        ..bench::options(dir.path(), Roster::Friends)
    };
    Bench {
        dir: Some(dir),
        ..bench::open(options)
    }
}

pub(crate) fn bytes(seed: u8, count: usize) -> Vec<u8> {
    vec![seed; count]
}

fn named(bytes: &[u8]) -> BlobHash {
    BlobHash(Sha256::digest(bytes).into())
}

fn transfer(n: u8) -> TransferId {
    TransferId([n; 16])
}

fn message(conv: ConvId, bytes: &[u8]) -> Send {
    Send {
        kind: EntryKind::File,
        attachments: vec![Attachment {
            hash: named(bytes),
            size: bytes.len() as u64,
            name: "a file".into(),
            media: String::new(),
            width: None,
            height: None,
        }],
        ..Send::text(mid(), conv, "")
    }
}

impl Bench {
    fn data(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    async fn begin(&self, account: AccountId, n: u8, size: u64, hash: BlobHash) -> Result<Begun, NoUpload> {
        let transfer = transfer(n);
        let wish = Wish {
            account,
            transfer,
            size,
            hash,
        };
        self.store.upload_begin(wish).await.unwrap()
    }

    /// Brings bytes whole.
    pub(crate) async fn bring(&self, account: AccountId, n: u8, bytes: &[u8]) {
        let hash = named(bytes);
        self.begin(account, n, bytes.len() as u64, hash).await.unwrap();
        let files = self.store.files().unwrap();
        let mut incoming = files.receive(account, transfer(n)).unwrap();
        incoming.append(bytes).unwrap();
        files.keep(&incoming, hash).unwrap();
        assert!(self.store.upload_whole(account, transfer(n)).await.unwrap());
    }

    pub(crate) async fn send_file(
        &mut self,
        account: AccountId,
        conv: ConvId,
        bytes: &[u8],
    ) -> Result<u64, NackCode> {
        match self.send_entry(account, message(conv, bytes)).await {
            Told::Entry(event) => Ok(event.seq),
            told => Err(told.code()),
        }
    }

    pub(crate) async fn sought(&self, account: AccountId, query: &str) -> Vec<u64> {
        let ask = SearchAsk {
            wanted: Wanted::of(query).unwrap(),
            conv: None,
            before: 0,
            limit: 50,
        };
        let page = self.store.search(account, ask).await.unwrap().unwrap();
        assert!(page.rows.iter().all(|row| !row.attachments.is_empty()));
        page.rows.into_iter().map(|row| row.seq).collect()
    }

    async fn size_at(&self, account: AccountId, conv: ConvId, seq: u64, bytes: &[u8]) -> Option<u64> {
        let place = FilePlace { conv, seq, index: 0 };
        self.store.file_size(account, place, named(bytes)).await.unwrap()
    }

    async fn delete(&mut self, account: AccountId, conv: ConvId, seq: u64) {
        let delete = Send {
            kind: EntryKind::Delete,
            target: Some(seq),
            ..Send::text(mid(), conv, "")
        };
        assert!(matches!(self.send_entry(account, delete).await, Told::Entry(_)));
    }
}

#[tokio::test]
async fn room_is_reserved_then_charged_and_given_back_by_a_deletion() {
    let mut bench = bench();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let (one, two) = (bytes(1, 500), bytes(2, 500));
    bench.bring(ann, 1, &one).await;
    assert_eq!(bench.begin(ann, 2, 501, named(&two)).await, Err(NoUpload::Quota));
    assert_eq!(
        bench.begin(ann, 2, 500, named(&two)).await,
        Ok(Begun { whole: false })
    );
    assert_eq!(bench.begin(ann, 3, 1, named(&two)).await, Err(NoUpload::Quota));
    assert_eq!(
        bench.begin(ann, 2, 499, named(&two)).await,
        Err(NoUpload::Malformed)
    );
    let seq = bench.send_file(ann, conv, &one).await.unwrap();
    assert_eq!(
        bench.begin(ann, 3, 1, named(&two)).await,
        Err(NoUpload::Quota),
        "reserved became charged"
    );
    bench.store.upload_cancel(ann, transfer(2)).await.unwrap();
    assert_eq!(
        bench.send_file(ann, conv, &two).await,
        Err(NackCode::BadReference)
    );
    let again = bench.send_file(ann, conv, &one).await.unwrap();
    assert_eq!(
        bench.begin(ann, 3, 1, named(&two)).await,
        Err(NoUpload::Quota),
        "charged twice for two messages"
    );
    assert_eq!(
        bench.send_file(bob, conv, &one).await,
        Ok(again + 1),
        "bob pays from his own quota"
    );
    let rows = bench.store.accounts(AccountId(0), 9).await.unwrap();
    let told: Vec<(AccountId, u64)> = rows.iter().map(|row| (row.account, row.files_bytes)).collect();
    assert_eq!(told, [(ann, 1000), (bob, 500)], "as the operator is told");
    bench.delete(ann, conv, seq).await;
    assert_eq!(bench.size_at(bob, conv, seq, &one).await, None);
    assert_eq!(
        bench.size_at(bob, conv, again, &one).await,
        Some(500),
        "the other message has it still"
    );
    assert_eq!(
        bench.begin(ann, 3, 500, named(&two)).await,
        Ok(Begun { whole: false }),
        "room again"
    );
}

#[tokio::test]
async fn four_uploads_at_once_and_whole_ones_do_not_count() {
    let bench = &mut bench();
    let ann = bench.person("ann").await;
    bench.bring(ann, 9, &bytes(9, 10)).await;
    for n in 1..=4 {
        assert_eq!(
            bench.begin(ann, n, 1, named(b"x")).await,
            Ok(Begun { whole: false })
        );
    }
    assert_eq!(bench.begin(ann, 5, 1, named(b"x")).await, Err(NoUpload::Busy));
    assert_eq!(
        bench.begin(ann, 4, 1, named(b"x")).await,
        Ok(Begun { whole: false }),
        "goes on"
    );
    bench.store.upload_cancel(ann, transfer(1)).await.unwrap();
    assert_eq!(
        bench.begin(ann, 5, 1, named(b"x")).await,
        Ok(Begun { whole: false })
    );
}

#[tokio::test]
async fn only_who_may_read_a_file_is_spared_its_upload() {
    let mut bench = bench();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let eve = bench.person("eve").await;
    bench.befriend(ann, eve, "eve").await;
    let with_eve = bench.store.conv_open(ann, mid(), eve, NOW).await.unwrap();
    bench.changes().await;
    let file = bytes(1, 100);
    bench.bring(ann, 1, &file).await;
    let seq = bench.send_file(ann, conv, &file).await.unwrap();
    assert_eq!(
        bench.begin(bob, 1, 100, named(&file)).await,
        Ok(Begun { whole: true })
    );
    assert_eq!(
        bench.begin(eve, 1, 100, named(&file)).await,
        Ok(Begun { whole: false })
    );
    assert_eq!(
        bench.begin(bob, 2, 99, named(&file)).await,
        Ok(Begun { whole: false }),
        "another size is another file"
    );
    assert_eq!(
        bench.send_file(eve, with_eve, &file).await,
        Err(NackCode::BadReference)
    );
    assert_eq!(bench.size_at(eve, conv, seq, &file).await, None);
    assert_eq!(bench.size_at(bob, conv, seq, &file).await, Some(100));
    assert_eq!(bench.size_at(bob, conv, seq, b"other").await, None);
}

#[tokio::test]
async fn whoever_joins_a_group_later_or_leaves_it_has_no_file_of_another_time() {
    let mut bench = bench();
    let (ann, bob) = (bench.person("ann").await, bench.person("bob").await);
    let cid = bench.person("cid").await;
    bench.befriend(ann, bob, "bob").await;
    bench.befriend(ann, cid, "cid").await;
    let title = "Tea House".into();
    let create = GroupChange::Create {
        title,
        members: vec![bob],
    };
    let conv = change(&bench, ann, create).await.unwrap();
    bench.changes().await;
    let (before, after) = (bytes(1, 100), bytes(2, 100));
    bench.bring(ann, 1, &before).await;
    let first = bench.send_file(ann, conv, &before).await.unwrap();
    change(&bench, ann, GroupChange::Invite(conv, vec![cid]))
        .await
        .unwrap();
    bench.changes().await;
    bench.bring(ann, 2, &after).await;
    let second = bench.send_file(ann, conv, &after).await.unwrap();
    assert_eq!(bench.size_at(bob, conv, first, &before).await, Some(100));
    assert_eq!(
        bench.size_at(cid, conv, first, &before).await,
        None,
        "before the joining"
    );
    assert_eq!(bench.size_at(cid, conv, second, &after).await, Some(100));
    assert_eq!(
        bench.begin(cid, 1, 100, named(&before)).await,
        Ok(Begun { whole: false })
    );
    assert_eq!(
        bench.begin(cid, 2, 100, named(&after)).await,
        Ok(Begun { whole: true })
    );
    change(&bench, bob, GroupChange::Leave(conv)).await.unwrap();
    assert_eq!(
        bench.size_at(bob, conv, first, &before).await,
        None,
        "after the leaving"
    );
}

#[tokio::test]
async fn bytes_stay_exactly_as_long_as_something_names_them() {
    let mut bench = bench();
    let (ann, _bob, conv) = bench.friends("ann", "bob").await;
    let (sent, unsent, stray) = (bytes(1, 100), bytes(2, 100), bytes(3, 100));
    bench.bring(ann, 1, &sent).await;
    let seq = bench.send_file(ann, conv, &sent).await.unwrap();
    let again = bench.send_file(ann, conv, &sent).await.unwrap();
    bench.bring(ann, 2, &unsent).await;
    bench.begin(ann, 3, 100, named(&stray)).await.unwrap();
    let files = bench.store.files().unwrap().clone();
    files.receive(ann, transfer(3)).unwrap().append(b"half").unwrap();
    files
        .receive(ann, transfer(4))
        .unwrap()
        .append(b"of nobody")
        .unwrap();
    // Killed between the rename and its transaction: nothing names it.
    let mut lost = files.receive(ann, transfer(5)).unwrap();
    lost.append(&stray).unwrap();
    files.keep(&lost, named(b"nobody's")).unwrap();
    assert_eq!(bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap(), 1);
    assert_eq!(files.incoming(), [(ann, transfer(3))]);
    assert_eq!(files.list().len(), 2);
    bench.delete(ann, conv, seq).await;
    assert_eq!(
        bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap(),
        0,
        "named once more"
    );
    bench.delete(ann, conv, again).await;
    assert_eq!(bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap(), 1);
    assert_eq!(files.list(), [named(&unsent)], "a day is not over");
    assert_eq!(bench.store.sweep_files(0).await.unwrap(), 1);
    assert!(files.list().is_empty() && files.incoming().is_empty());
    assert_eq!(
        bench.begin(ann, 6, QUOTA, named(b"y")).await,
        Ok(Begun { whole: false }),
        "nothing is reserved"
    );
}

fn ask(data: &Path, to: &Path) -> backup::Ask {
    backup::Ask {
        data: data.to_owned(),
        config: None,
        to: to.to_owned(),
        now_ms: NOW,
    }
}

#[tokio::test]
async fn a_backup_holds_the_files_and_verify_reads_every_one() {
    let mut bench = bench();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let (kept, later) = (bytes(1, 100), bytes(2, 200));
    bench.bring(ann, 1, &kept).await;
    let seq = bench.send_file(ann, conv, &kept).await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let to = elsewhere.path().join("saved");
    backup::make(&ask(bench.data(), &to)).unwrap();
    let sound = verify::backup(&to);
    assert_eq!((sound.findings.len(), sound.lost.len()), (0, 0), "{sound:?}");
    bench.bring(ann, 2, &later).await;
    bench.send_file(ann, conv, &later).await.unwrap();
    bench.delete(ann, conv, seq).await;
    bench.store.sweep_files(UPLOAD_KEPT_MS).await.unwrap();
    assert_eq!(bench.store.files().unwrap().list(), [named(&later)]);
    assert_eq!(
        verify::backup(&to).lost,
        [""; 0],
        "the backup keeps what the server has let go"
    );
    // A wrong byte in one, the other gone.
    let path = files::blob_path(bench.data(), named(&later));
    std::fs::write(&path, bytes(3, 200)).unwrap();
    let lost = verify::data(bench.data()).lost;
    assert_eq!(
        lost,
        [format!("The file {} is not what was sent.", named(&later))]
    );
    std::fs::remove_file(&path).unwrap();
    let lost = verify::data(bench.data()).lost;
    assert_eq!(lost, [format!("The file {} is missing.", named(&later))]);
    backup::make(&ask(bench.data(), &elsewhere.path().join("second")))
        .expect("the rest is backed up all the same");
    bench.store.close().await;
    let data = bench.data().to_owned();
    let dir = DataDir::open(&data).unwrap();
    let aside = restore::restore(&dir, &to, NOW).unwrap().unwrap();
    assert!(aside.join("breeze.db").is_file());
    drop(dir);
    let bench = Bench {
        dir: bench.dir.take(),
        ..bench::open(bench::options(&data, Roster::Friends))
    };
    assert_eq!(bench.size_at(bob, conv, seq, &kept).await, Some(100));
    assert_eq!(verify::data(&data), verify::data(&data));
    assert_eq!(
        verify::data(&data).lost,
        [""; 0],
        "the files came back with the data"
    );
    let out = elsewhere.path().join("bob");
    let exported = export::write(&data, "bob", &out).unwrap();
    assert_eq!(exported.files, 1);
    assert_eq!(
        std::fs::read(out.join("files").join(named(&kept).to_string())).unwrap(),
        kept
    );
    let talk = std::fs::read_dir(out.join("conversations"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let text = std::fs::read_to_string(talk.path()).unwrap();
    assert!(text.contains("\"name\":\"a file\""), "{text}");
}

#[tokio::test]
async fn files_are_found_by_caption_and_name_until_their_message_is_deleted() {
    let mut bench = bench();
    let (ann, bob, conv) = bench.friends("ann", "bob").await;
    let (one, two) = (bytes(1, 10), bytes(2, 10));
    let mut seqs = Vec::new();
    for (n, bytes, name, caption) in [
        (1, &one, "floorplan v3.pdf", "for the move"),
        (2, &two, "\u{5E73}\u{9762}\u{56FE}.png", ""),
    ] {
        bench.bring(ann, n, bytes).await;
        let mut send = message(conv, bytes);
        send.body = caption.into();
        send.attachments[0].name = name.into();
        let Told::Entry(event) = bench.send_entry(ann, send).await else {
            panic!("it is refused")
        };
        seqs.push(event.seq);
    }
    // Once right after the commits, once from the index alone.
    for _ in 0..2 {
        assert_eq!(bench.sought(bob, "floorplan").await, [seqs[0]]);
        assert_eq!(bench.sought(bob, "move v3").await, [seqs[0]]);
        assert_eq!(bench.sought(ann, "\u{9762}\u{56FE}").await, [seqs[1]]);
        until_indexed(&bench, 2).await;
    }
    bench.delete(ann, conv, seqs[0]).await;
    assert!(bench.sought(bob, "floorplan").await.is_empty());
    until_indexed(&bench, 3).await;
    assert!(bench.sought(bob, "move").await.is_empty());
}
