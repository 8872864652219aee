//! The shelf: files by their hash, whole or not at all, and gone when nothing names them.

use super::*;

fn shelf() -> (tempfile::TempDir, Shelf) {
    let data = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(data.path());
    (data, shelf)
}

fn named(bytes: &[u8]) -> BlobHash {
    BlobHash(Sha256::digest(bytes).into())
}

#[test]
fn a_file_is_taken_by_its_hash_and_only_up_to_the_limit() {
    let (data, shelf) = shelf();
    let path = data.path().join("mine.txt");
    fs::write(&path, b"twelve bytes").unwrap();
    assert!(matches!(shelf.take(&path, 11), Err(NotTaken::TooLarge)));
    assert!(matches!(shelf.take(data.path(), 11), Err(NotTaken::NotAFile)));
    let hash = named(b"twelve bytes");
    assert_eq!(shelf.take(&path, 12).unwrap(), (hash, 12));
    assert_eq!(shelf.take(&path, 12).unwrap(), (hash, 12), "once more is no harm");
    fs::remove_file(&path).unwrap();
    assert_eq!(shelf.list(), [hash]);
    assert_eq!(shelf.read(hash, 7, 100).unwrap(), b"bytes");
    assert!(
        fs::read_dir(data.path().join("files/part"))
            .unwrap()
            .next()
            .is_none(),
        "nothing is left over"
    );
}

#[test]
fn a_part_goes_on_where_it_was_and_a_false_one_is_forgotten() {
    let (_data, shelf) = shelf();
    let hash = named(b"half and half");
    shelf.receive(hash).unwrap().append(b"half ").unwrap();
    let mut part = shelf.receive(hash).unwrap();
    assert_eq!(part.held(), 5);
    part.append(b"and half").unwrap();
    assert!(shelf.keep(part, hash).unwrap());
    assert!(shelf.has(hash));
    let other = named(b"true");
    let mut part = shelf.receive(other).unwrap();
    part.append(b"false").unwrap();
    assert!(!shelf.keep(part, other).unwrap());
    assert_eq!(
        (shelf.has(other), shelf.receive(other).unwrap().held()),
        (false, 0)
    );
}

#[test]
fn saving_never_writes_over_anything() {
    let (data, shelf) = shelf();
    let (hash, _) = shelf.take_bytes(&mut &b"new"[..], 10).unwrap();
    let folder = data.path().join("downloads");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.txt"), "old").unwrap();
    let first = shelf.save_in(hash, &folder, "../a.txt").unwrap();
    let second = shelf.save_in(hash, &folder, "a.txt").unwrap();
    assert_eq!(first, folder.join("a (2).txt"));
    assert_eq!(second, folder.join("a (3).txt"));
    assert_eq!(fs::read(folder.join("a.txt")).unwrap(), b"old");
    assert_eq!(fs::read(first).unwrap(), b"new");
}

#[test]
fn the_longest_unused_make_room_and_what_is_needed_stays() {
    let (_data, shelf) = shelf();
    let take = |bytes: &[u8]| shelf.take_bytes(&mut &*bytes, 100).unwrap().0;
    let (old, needed, young) = (take(&[1; 10]), take(&[2; 10]), take(&[3; 10]));
    for (hash, age) in [(old, 30), (needed, 40), (young, 10)] {
        let file = OpenOptions::new().write(true).open(shelf.path(hash)).unwrap();
        let then = SystemTime::now() - std::time::Duration::from_secs(age);
        file.set_modified(then).unwrap();
    }
    let copy = shelf.opened(young, "a.txt").unwrap();
    assert!(copy.ends_with("a.txt"));
    shelf.sweep_to(&BTreeSet::from([needed]), 25);
    let mut left = shelf.list();
    left.sort();
    let mut wanted = vec![needed, young];
    wanted.sort();
    assert_eq!(left, wanted);
    assert!(!copy.exists());
}

#[test]
fn what_no_message_names_goes_unless_it_has_just_come() {
    let (_data, shelf) = shelf();
    let (sent, deleted) = (b"still named".as_slice(), b"deleted".as_slice());
    for mut bytes in [sent, deleted] {
        shelf.take_bytes(&mut bytes, 100).unwrap();
    }
    let keep = BTreeSet::from([named(sent)]);
    let now_ms = crate::platform::wall_ms();
    shelf.keep_only(&keep, now_ms);
    assert_eq!(shelf.list().len(), 2, "it has just come");
    shelf.keep_only(&keep, now_ms + 3_601_000);
    assert_eq!(shelf.list(), [named(sent)]);
}
