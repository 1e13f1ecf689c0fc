//! The settings in force, for people, without secrets.

use serde::Serialize;

use crate::settings::{
    Mail, RemindMode, SecretAt, Settings, SmtpSecurity, Source, SourcePlace, Transport,
};

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its key.
    pub key: String,
    /// Its value as text; of a secret only where it is.
    pub value: String,
}

/// Every setting in force, by key, in the order of the settings file.
pub fn shown(settings: &Settings) -> Vec<Shown> {
    let Settings {
        settle,
        file_bytes_max,
        sealed_days,
        reading,
        fetching,
        mail,
        letters,
        reminders,
        watch,
        contact,
        accent,
        logo,
        sources,
    } = settings;
    let mut lines = Vec::new();
    let mut show = |key: &str, value: String| lines.push(Shown { key: key.to_owned(), value });
    show("landing.settle_seconds", settle.as_secs().to_string());
    show("landing.file_megabytes_max", megabytes(*file_bytes_max));
    show("personal.keep_days", sealed_days.to_string());
    show("reading.memory_megabytes", megabytes(reading.memory_bytes));
    show("reading.seconds", reading.seconds.to_string());
    show("reading.cells_per_sheet_max", reading.cells_per_sheet_max.to_string());
    show("reading.cells_per_file_max", reading.cells_per_file_max.to_string());
    show("reading.uncompressed_megabytes_max", megabytes(reading.uncompressed_bytes_max));
    show("fetching.connect_seconds", fetching.connect.as_secs().to_string());
    show("fetching.total_seconds", fetching.total.as_secs().to_string());
    show("fetching.attempts_max", fetching.attempts_max.to_string());
    lines_of_mail(mail, &mut show);
    show("letters.receipts", letters.receipts.to_string());
    show("letters.error_letters", letters.error_letters.to_string());
    let largest = u64::try_from(letters.attachment_bytes_max).unwrap_or(u64::MAX);
    show("letters.attachment_megabytes_max", megabytes(largest));
    let mode = match reminders.mode {
        RemindMode::DryRun => "dry-run",
        RemindMode::Send => "send",
    };
    show("reminders.mode", mode.to_owned());
    let days: Vec<String> = reminders.days.iter().map(ToString::to_string).collect();
    show("reminders.working_days", days.join(", "));
    show("reminders.most", reminders.most.to_string());
    show("watch.ping_url", watch.ping_url.as_ref().map(secret).unwrap_or_default());
    show("watch.every_minutes", (watch.every.as_secs() / 60).to_string());
    show("report.contact", contact.clone());
    show("report.accent", accent.clone());
    let logo = logo.as_ref().map(|path| path.display().to_string());
    show("report.logo", logo.unwrap_or_default());
    for (id, source) in sources {
        show(&format!("sources.{id}"), place_of(source));
    }
    lines
}

/// How mail leaves.
fn lines_of_mail(mail: &Mail, show: &mut impl FnMut(&str, String)) {
    let transport = match mail.transport {
        Transport::Folder => "folder",
        Transport::Smtp => "smtp",
    };
    show("mail.transport", transport.to_owned());
    show("mail.from_name", mail.from_name.clone());
    show("mail.from_address", mail.from_address.clone());
    show("mail.reply_to", mail.reply_to.clone().unwrap_or_default());
    show("mail.operator_address", mail.operator_address.clone());
    show("mail.keep_days", mail.keep_days.to_string());
    show("mail.give_up_after_hours", (mail.give_up_after.as_secs() / 3600).to_string());
    let largest = u64::try_from(mail.message_bytes_max).unwrap_or(u64::MAX);
    show("mail.message_megabytes_max", megabytes(largest));
    show("mail.per_minute_max", mail.per_minute_max.unwrap_or(0).to_string());
    let quiet = mail
        .quiet_hours
        .map(|it| format!("{}-{}", it.from.strftime("%H:%M"), it.to.strftime("%H:%M")));
    show("mail.quiet_hours", quiet.unwrap_or_default());
    show("mail.smtp.host", mail.smtp.host.clone());
    show("mail.smtp.port", mail.smtp.port.to_string());
    let security = match mail.smtp.security {
        SmtpSecurity::StartTls => "starttls",
        SmtpSecurity::ImplicitTls => "implicit-tls",
        SmtpSecurity::Plain => "plain",
    };
    show("mail.smtp.security", security.to_owned());
    show("mail.smtp.user", mail.smtp.user.clone().unwrap_or_default());
    show("mail.smtp.password", mail.smtp.password.as_ref().map(secret).unwrap_or_default());
    if let Some(oauth) = &mail.smtp.oauth {
        show("mail.smtp.oauth.token_url", host_only(&oauth.token_url));
        show("mail.smtp.oauth.client_id", oauth.client_id.clone());
        show("mail.smtp.oauth.client_secret", secret(&oauth.client_secret));
        show("mail.smtp.oauth.scope", oauth.scope.clone());
    }
    let ca_file = mail.smtp.ca_file.as_ref().map(|path| path.display().to_string());
    show("mail.smtp.ca_file", ca_file.unwrap_or_default());
    show("mail.smtp.total_seconds", mail.smtp.total.as_secs().to_string());
}

/// Where submissions come from, for people.
fn place_of(Source { return_id, place }: &Source) -> String {
    match place {
        SourcePlace::Folder { path } => format!("folder {} for {return_id}", path.display()),
        SourcePlace::Http { url, internal, token, ca_file: _ } => {
            let inside = if *internal { ", internal" } else { "" };
            let token = token.as_ref().map(|at| format!(", token {}", secret(at)));
            format!("{} for {return_id}{inside}{}", host_only(url), token.unwrap_or_default())
        }
    }
}

fn megabytes(bytes: u64) -> String {
    (bytes / (1024 * 1024)).to_string()
}

fn secret(at: &SecretAt) -> String {
    match at {
        SecretAt::Env(name) => format!("(in the environment variable {name})"),
        SecretAt::File(path) => format!("(in {})", path.display()),
    }
}

/// Scheme and host of an address: the rest of a share link can be a secret.
fn host_only(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/…")
}

#[cfg(test)]
mod tests {
    use super::host_only;

    #[test]
    fn nothing_of_an_address_is_shown_but_its_host() {
        assert_eq!(
            host_only("https://user:pw@share.example/x?token=abc#y"),
            "https://share.example/…"
        );
    }
}
