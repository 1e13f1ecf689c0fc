//! The mailer that the settings ask for.

use std::time::Duration;

use delivery::{FolderMailer, Login, Mailer, OAuth, Password, Security, SmtpMailer, SmtpSettings};

use crate::error::PipelineError;
use crate::house::House;
use crate::settings::{SmtpSecurity, Transport};

/// The mailer that the settings ask for.
pub(crate) fn mailer(house: &House) -> Result<Mailer, PipelineError> {
    let mail = &house.definitions.settings.mail;
    if mail.transport == Transport::Folder {
        return Ok(Mailer::Folder(FolderMailer::new(house.folders.outbox())));
    }
    let smtp = &mail.smtp;
    let usage = |message: String| PipelineError::Usage(format!("mail.smtp: {message}"));
    let login = match (&smtp.user, &smtp.password) {
        (_, None) if smtp.oauth.is_some() => None,
        (None, None) => None,
        (Some(user), Some(at)) => {
            let password = Password::new(house.secret(at).map_err(usage)?);
            Some(Login { user: user.clone(), password })
        }
        _ => {
            return Err(usage(
                "give both user and password_env (or password_file), or neither".to_owned(),
            ));
        }
    };
    let settings = SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::ImplicitTls => Security::ImplicitTls,
            SmtpSecurity::Plain => Security::Plain,
        },
        login,
        oauth: oauth(house)?,
        hello_name: mail.from_address.rsplit('@').next().unwrap_or("localhost").to_owned(),
        extra_ca: smtp.ca_file.clone(),
        silence_max: smtp.total.min(Duration::from_mins(1)),
        deadline: smtp.total,
    };
    SmtpMailer::new(settings).map(Mailer::Smtp).map_err(|error| usage(error.to_string()))
}

/// How a token is got, where the server wants one instead of a password.
fn oauth(house: &House) -> Result<Option<OAuth>, PipelineError> {
    let smtp = &house.definitions.settings.mail.smtp;
    let Some(oauth) = &smtp.oauth else { return Ok(None) };
    let usage = |message: String| PipelineError::Usage(format!("mail.smtp.oauth: {message}"));
    let user = smtp
        .user
        .clone()
        .ok_or_else(|| usage("mail.smtp.user must name the mailbox".to_owned()))?;
    let client_secret = Password::new(house.secret(&oauth.client_secret).map_err(usage)?);
    Ok(Some(OAuth {
        user,
        token_url: oauth.token_url.clone(),
        client_id: oauth.client_id.clone(),
        client_secret,
        scope: oauth.scope.clone(),
    }))
}
