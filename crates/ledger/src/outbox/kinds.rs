//! What messages are, and where they can be.

/// Where a message is, each state named by the evidence for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// Waits for its edition to be released.
    Planned,
    /// May be sent.
    Approved,
    /// Handing over had begun; nothing is known yet.
    Sending,
    /// The mail server took it.
    Accepted,
    /// The mail server said "not now", or could not be reached; to be tried again.
    Deferred,
    /// The mail server said "no".
    Refused,
    /// Handed over, and the answer was lost: it may or may not have been sent.
    Unknown,
    /// Will not be sent.
    Cancelled,
}

impl MessageState {
    pub(crate) const ALL: [Self; 8] = [
        Self::Planned,
        Self::Approved,
        Self::Sending,
        Self::Accepted,
        Self::Deferred,
        Self::Refused,
        Self::Unknown,
        Self::Cancelled,
    ];

    /// The state in one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Approved => "approved",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a message may go from this state to another.
    pub(super) fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planned => matches!(next, Self::Approved | Self::Cancelled),
            // A server may say no before anything was handed over; it cannot have taken it.
            Self::Approved | Self::Deferred => matches!(
                next,
                Self::Sending | Self::Deferred | Self::Refused | Self::Approved | Self::Cancelled
            ),
            Self::Sending => {
                matches!(next, Self::Accepted | Self::Deferred | Self::Refused | Self::Unknown)
            }
            // Only by looking, or by a person's decision.
            Self::Unknown => matches!(next, Self::Accepted | Self::Refused | Self::Approved),
            Self::Refused => matches!(next, Self::Approved | Self::Cancelled),
            // What a server took may come back from the next one.
            Self::Accepted => next == Self::Refused,
            Self::Cancelled => false,
        }
    }
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// An edition, to a recipient.
    Report,
    /// To a partner: their return was taken in, and what was understood.
    Receipt,
    /// To a partner: their return could not be taken in, and why.
    ErrorLetter,
    /// To whoever got an edition: it is taken back, and why.
    Withdrawal,
    /// To a partner: what they owe, and by when.
    Reminder,
    /// To whoever approves an edition: what would go out, and how to let it.
    ApprovalRequest,
    /// To the operator: what happened or did not, and what to do.
    Notice,
}

impl MessageKind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Report,
        Self::Receipt,
        Self::ErrorLetter,
        Self::Withdrawal,
        Self::Reminder,
        Self::ApprovalRequest,
        Self::Notice,
    ];

    /// `report`, `receipt`, `error-letter`, `withdrawal`, `reminder`, `approval-request` or `notice`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Receipt => "receipt",
            Self::ErrorLetter => "error-letter",
            Self::Withdrawal => "withdrawal",
            Self::Reminder => "reminder",
            Self::ApprovalRequest => "approval-request",
            Self::Notice => "notice",
        }
    }
}
