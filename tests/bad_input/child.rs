//! What the reader child may still do once it has limited itself: nothing but read one file.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// A document as parent and child exchange them.
fn framed(document: &str) -> Vec<u8> {
    let length = u32::try_from(document.len()).expect("short");
    [b"{", &length.to_le_bytes()[..], document.as_bytes()].concat()
}

fn received(output: &mut impl Read) -> String {
    let mut head = [0; 5];
    output.read_exact(&mut head).expect("a head");
    let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
    let mut document = vec![0; usize::try_from(length).expect("short")];
    output.read_exact(&mut document).expect("a document");
    String::from_utf8(document).expect("text")
}

/// Soft and hard limit of this name.
fn limit(limits: &str, name: &str) -> (String, String) {
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).expect("the limit");
    let mut words = line.split_whitespace().map(str::to_owned);
    (words.next().expect("soft"), words.next().expect("hard"))
}

#[test]
fn it_can_open_one_file_and_no_connection() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .arg("__read-workbooks")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("its input");
    let mut output = child.stdout.take().expect("its output");
    let limits = r#"{"address_space_bytes":1073741824,"seconds":60,"cells_per_sheet_max":10,"cells_per_file_max":10,"uncompressed_bytes_max":1000000}"#;
    input.write_all(&framed(limits)).expect("told");
    assert_eq!(received(&mut output), "\"Ready\"");
    let of_child = |what: &str| format!("/proc/{}/{what}", child.id());
    let limits = fs::read_to_string(of_child("limits")).expect("limits");
    // A socket is a file, too. The next one takes the lowest number that is free, and while that is
    // the workbook, there is room for nothing else.
    let open: Vec<u32> = fs::read_dir(of_child("fd"))
        .expect("its files")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let next = (0..=u32::MAX).find(|number| !open.contains(number)).expect("a free number");
    let end = (next + 1).to_string();
    assert_eq!(limit(&limits, "Max open files"), (end.clone(), end));
    let gigabyte = (1 << 30).to_string();
    assert_eq!(limit(&limits, "Max address space"), (gigabyte.clone(), gigabyte));
    for nothing in ["Max file size", "Max core file size"] {
        assert_eq!(limit(&limits, nothing), ("0".to_owned(), "0".to_owned()), "{nothing}");
    }
    let environment = fs::read(of_child("environ")).expect("its environment");
    assert!(environment.is_empty(), "it knows the environment");
    drop(input);
    assert!(child.wait().expect("ends").success());
}
