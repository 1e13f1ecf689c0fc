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
