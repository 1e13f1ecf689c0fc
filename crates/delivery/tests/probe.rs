//! Looking whether mail could be sent, without sending any.

use std::time::Duration;

use delivery::{
    FolderMailer, Login, Mailer, MemoryMailer, Password, Probed, Security, SmtpMailer,
    SmtpSettings, certificates_expiry,
};

use crate::server::{Behaviour, Encryption, Server, certificate_file, files_in};

/// What a probe says, and what the server heard.
fn probed(
    behaviour: Behaviour,
    encryption: Encryption,
    change: fn(&mut SmtpSettings),
) -> (String, String) {
    let server = Server::encrypted(behaviour, encryption);
    let login = Login { user: "csp".to_owned(), password: Password::new("canary-secret") };
    let (security, login) = match encryption {
        Encryption::None => (Security::Plain, None),
        Encryption::StartTls(_) => (Security::StartTls, Some(login)),
        Encryption::Implicit(_) => (Security::ImplicitTls, Some(login)),
    };
    let mut settings = SmtpSettings {
        host: "localhost".to_owned(),
        port: server.port(),
        security,
        login,
        oauth: None,
        hello_name: "reports.example".to_owned(),
        extra_ca: Some(certificate_file("authority.pem")),
        silence_max: Duration::from_secs(20),
        deadline: Duration::from_secs(20),
    };
    change(&mut settings);
    let mailer = Mailer::Smtp(SmtpMailer::new(settings).expect("valid settings"));
    let said = match mailer.probe() {
        Ok(Probed::Server(found)) => format!("{found:#?}"),
        Ok(other) => panic!("{other:?}"),
        Err(error) => error.to_string(),
    };
    let heard = server.commands();
    assert!(!heard.contains("MAIL") && server.received().is_empty(), "{heard}");
    assert!(!said.contains("canary"), "{said}");
    (said, heard)
}

#[test]
fn a_server_is_looked_at_without_any_mail() {
    let (said, heard) = probed(Behaviour::Accept, Encryption::StartTls("localhost"), |_| {});
    insta::assert_snapshot!(said, @r#"
    ProbedServer {
        name: "localhost",
        is_encrypted: true,
        is_logged_in: true,
        certificate_expires: Some(
            2120-01-01T00:00:00Z,
        ),
        size_bytes_max: Some(
            1000000,
        ),
    }
    "#);
    insta::assert_snapshot!(heard, @"
    EHLO reports.example
    STARTTLS
    (encrypted) EHLO reports.example
    (encrypted) AUTH PLAIN AGNzcABjYW5hcnktc2VjcmV0
    (encrypted) EHLO reports.example
    (encrypted) QUIT
    ");
    let (said, _) = probed(Behaviour::Accept, Encryption::Implicit("localhost"), |settings| {
        settings.login = None;
    });
    assert!(said.contains("is_logged_in: false") && said.contains("2120-01-01"), "{said}");
}

#[test]
fn a_server_on_this_machine_shows_no_certificate() {
    let odd = "250-\u{7}lo(ca)l\u{202e}host hello\r\n250 SIZE 0";
    let odd = Behaviour::Reply("EHLO", odd);
    insta::assert_snapshot!(probed(odd, Encryption::None, |_| {}).0, @r#"
    ProbedServer {
        name: "localhost",
        is_encrypted: false,
        is_logged_in: false,
        certificate_expires: None,
        size_bytes_max: None,
    }
    "#);
}

#[test]
fn what_would_keep_mail_from_being_sent_is_said() {
    let said =
        |behaviour, certificate| probed(behaviour, Encryption::StartTls(certificate), |_| {}).0;
    insta::assert_snapshot!(said(Behaviour::Accept, "expired"), @"the mail server cannot be used: `localhost`: its certificate expired on 2021-01-01: whoever runs the server must renew the certificate (or the clock of this machine is wrong)");
    insta::assert_snapshot!(said(Behaviour::Accept, "elsewhere"), @"the mail server cannot be used: `localhost`: its certificate is for another name: set the host to the name in the certificate, or somebody else is answering");
    insta::assert_snapshot!(said(Behaviour::Reply("AUTH", "535 5.7.139 canary-secret"), "localhost"), @"the mail server cannot be used: `localhost` did not take the user name and password (535 5.7.139)");
    insta::assert_snapshot!(said(Behaviour::Reply("greeting", "554 go away"), "localhost"), @"the mail server cannot be used: `localhost`: 554 go away");
    let (untrusted, heard) =
        probed(Behaviour::Accept, Encryption::Implicit("localhost"), |settings| {
            settings.extra_ca = None;
        });
    insta::assert_snapshot!(untrusted, @"the mail server cannot be used: `localhost`: its certificate was issued by nobody this machine trusts: if it is the right server, put the certificate of its authority into the file of certificates in the settings");
    assert_eq!(heard, "");
    let (expired, heard) = probed(Behaviour::Accept, Encryption::Implicit("expired"), |_| {});
    insta::assert_snapshot!(expired, @"the mail server cannot be used: `localhost`: its certificate expired on 2021-01-01: whoever runs the server must renew the certificate (or the clock of this machine is wrong)");
    assert_eq!(heard, "");
}

#[test]
fn a_silent_server_is_given_up_in_time() {
    let impatient = |settings: &mut SmtpSettings| {
        settings.silence_max = Duration::from_millis(300);
        settings.deadline = Duration::from_millis(800);
    };
    let (said, _) = probed(Behaviour::Silent("greeting"), Encryption::None, impatient);
    insta::assert_snapshot!(said, @"the mail server cannot be used: `localhost`: no answer to the greeting within 0.3 seconds");
    let (said, _) = probed(Behaviour::Dribble("EHLO"), Encryption::None, impatient);
    insta::assert_snapshot!(said, @"the mail server cannot be used: `localhost` did not come to an end within 0.8 seconds");
    // Its answer to goodbye is not needed.
    let (said, _) = probed(Behaviour::Silent("QUIT"), Encryption::None, impatient);
    assert!(said.contains("1000000"), "{said}");
}

#[test]
fn a_folder_is_made_and_can_be_written_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = folder.path().join("new/outbox");
    let mailer = Mailer::Folder(FolderMailer::new(&outbox));
    assert_eq!(mailer.probe(), Ok(Probed::Folder));
    assert!(outbox.is_dir());
    assert_eq!(files_in(&outbox), Vec::<Vec<u8>>::new());
    assert_eq!(mailer.probe(), Ok(Probed::Folder), "again is harmless");
    assert_eq!(Mailer::Memory(MemoryMailer::new()).probe(), Ok(Probed::Memory));
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |path: std::path::PathBuf| {
        let error = Mailer::Folder(FolderMailer::new(path)).probe().expect_err("unusable");
        error.to_string().replace(&folder.path().display().to_string(), "FOLDER")
    };
    std::fs::File::create(folder.path().join("file")).expect("a file");
    insta::assert_snapshot!(said(folder.path().join("file/outbox")), @"the mail server cannot be used: the mail folder `FOLDER/file/outbox` cannot be made: Not a directory (os error 20)");
    // Whoever runs the tests may write anywhere, but not over a folder.
    let probe = format!(".probe-{}.part", std::process::id());
    std::fs::create_dir_all(folder.path().join("outbox").join(probe)).expect("a folder");
    insta::assert_snapshot!(said(folder.path().join("outbox")), @"the mail server cannot be used: the mail folder `FOLDER/outbox` cannot be written to: Is a directory (os error 21)");
}

#[test]
fn the_first_certificate_to_expire_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let expiry = |names: &[&str], more: &str| {
        let path = folder.path().join("ca.pem");
        let mut pem = "Issuer: the council\n".to_owned();
        for name in names {
            pem += &std::fs::read_to_string(certificate_file(name)).expect("a certificate");
        }
        std::fs::write(&path, pem + more).expect("writes");
        match certificates_expiry(&path) {
            Ok(expires) => expires.to_string(),
            Err(error) => error.to_string().replace(&folder.path().display().to_string(), "FOLDER"),
        }
    };
    let (begin, end) = ("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n");
    assert_eq!(expiry(&["authority.pem"], ""), "2120-01-01T00:00:00Z");
    assert_eq!(
        expiry(&["authority.pem", "expired.pem", "localhost.pem"], ""),
        "2021-01-01T00:00:00Z"
    );
    insta::assert_snapshot!(expiry(&[], ""), @"could not read the certificates in `FOLDER/ca.pem`: there is no PEM certificate in it");
    insta::assert_snapshot!(expiry(&["localhost.key"], ""), @"could not read the certificates in `FOLDER/ca.pem`: there is no PEM certificate in it");
    insta::assert_snapshot!(expiry(&["authority.pem"], &format!("{begin}MIIB\n{end}")), @"could not read the certificates in `FOLDER/ca.pem`: certificate 2 in it does not say until when it is valid");
    insta::assert_snapshot!(expiry(&["authority.pem"], begin), @"could not read the certificates in `FOLDER/ca.pem`: certificate 2 in it is damaged or cut off");
}
