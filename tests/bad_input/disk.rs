//! Disks that are full, read-only or not there.

use testkit::{Environment, differences, tree};

use crate::{assert_plain, demonstrated, environment};

/// A data folder on a disk of its own, in a mount namespace of its own: the script mounts it.
const OWN_DISK: [&str; 2] = ["unshare", "--map-root-user"];

fn may_mount(environment: &Environment) -> bool {
    let mut trial = environment.shell(
        &[&OWN_DISK[..], &["--mount"]].concat(),
        "mkdir -p trial && mount -t tmpfs -o size=1m none trial",
    );
    environment.finish(&mut trial).code == Some(0)
}

fn assert_as_if_undisturbed(environment: &Environment, folder: &str) {
    let calm = demonstrated();
    for part in ["reports", "outbox"] {
        let one = tree(&calm.path(&format!("var/{part}")));
        let other = tree(&environment.path(&format!("{folder}/{part}")));
        assert_eq!(differences(&one, &other), Vec::<String>::new(), "{part}");
    }
}

#[test]
fn a_data_folder_that_is_a_file() {
    let environment = environment();
    environment.write("data", "I am a file");
    let mut said = String::new();
    for data in ["data", "data/inside"] {
        let ran = environment.run(&["demo", "--data", data]).exits(2);
        assert_plain(&ran.stderr);
        said.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(said, @"
    error: could not create the data folder data: there is a file where a folder is needed: name another place with --data
    error: could not create the data folder data/inside: there is a file where a folder is needed: name another place with --data
    ");
    assert_eq!(environment.read("data"), "I am a file");
}

/// Writing fails at one place and another; with room again the next run makes good.
///
/// On a disk of its own where the machine lets a test have one, else by a limit on the size of
/// files, which fails in the same places with another word for it.
#[test]
fn a_full_disk() {
    for kilobytes in [60, 300, 1000] {
        let environment = environment();
        if may_mount(&environment) {
            let script = format!(
                "mkdir -p var kept && mount -t tmpfs -o size={kilobytes}k none var || exit 99
                \"$0\" demo --quiet; echo \"code $?\"
                mount -o remount,size=64m var && \"$0\" demo --quiet >/dev/null; echo \"then $?\"
                cp -r var/. kept/"
            );
            let wrapper = [&OWN_DISK[..], &["--mount"]].concat();
            let ran = environment.finish(&mut environment.shell(&wrapper, &script));
            assert_plain(&ran.stderr);
            assert_eq!(ran.stdout, "code 75\nthen 0\n", "{kilobytes}\n{}", ran.shown());
            assert!(ran.stderr.contains("full"), "{}", ran.stderr);
            assert_as_if_undisturbed(&environment, "kept");
        } else {
            assert_heals_after_a_file_limit(&environment, kilobytes);
        }
    }
}

/// `ulimit -f` counts in blocks of 512 bytes; the signal that comes with it is ignored.
fn assert_heals_after_a_file_limit(environment: &Environment, kilobytes: u32) {
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" demo --quiet", kilobytes * 2);
    let ran = environment.finish(&mut environment.shell(&[], &script));
    assert_plain(&ran.stderr);
    assert!(ran.code.is_some_and(|code| code != 0), "{}", ran.shown());
    let _healed = environment.run(&["demo"]).exits(0);
    assert_as_if_undisturbed(environment, "var");
}

#[test]
fn a_limit_on_files() {
    for kilobytes in [20, 400] {
        assert_heals_after_a_file_limit(&environment(), kilobytes);
    }
}

/// The ledger is written anew once old messages were dropped, which needs room. Without it the ledger stays as it is, and is
/// made smaller when there is room again, though nothing else is dropped then.
#[test]
fn no_room_to_make_the_ledger_smaller() {
    let environment = environment();
    let own_disk = may_mount(&environment);
    let (make, fill, empty) = if own_disk {
        (
            "mkdir var && mount -t tmpfs -o size=64m none var || exit 99",
            "mount -o remount,size=$(($(df -k var | awk 'END{print $3}') + 300))k var",
            "mount -o remount,size=64m var",
        )
    } else {
        ("trap '' XFSZ", "ulimit -S -f 500", "ulimit -S -f unlimited")
    };
    let script = format!(
        "size() {{ stat -c %s var/ledger.sqlite; }}
        {make}
        \"$0\" demo --quiet >/dev/null && large=$(size)
        {fill}
        \"$0\" run sign-of-life --as-of 2026-03-02 >/dev/null; echo \"code $?\"
        [ $(size) -eq $large ] && echo 'as large as it was'
        {empty}
        \"$0\" verify | tail -n 1
        \"$0\" run sign-of-life --as-of 2026-04-01 >/dev/null; echo \"then $?\"
        [ $(($(size) * 2)) -lt $large ] && echo 'smaller by half'
        \"$0\" verify | tail -n 1"
    );
    let wrapper: &[&str] = if own_disk { &[OWN_DISK[0], OWN_DISK[1], "--mount"] } else { &[] };
    let ran = environment.finish(&mut environment.shell(wrapper, &script)).exits(0);
    assert!(ran.stderr.contains("The ledger stays as large as it was"), "{}", ran.shown());
    insta::assert_snapshot!(ran.stdout, @"
    code 0
    as large as it was
    Everything is as it was written.
    then 0
    smaller by half
    Everything is as it was written.
    ");
}
