//! Messages as readers get them.

use super::tests::email;
use crate::sample::Sample;

#[test]
fn a_report_about_nothing_still_renders() {
    let model = Sample::empty().model_with(|spec| {
        spec.marking.clear();
        spec.demonstration = None;
        spec.next_report = None;
    });
    let mail = crate::sample::mail(&model);
    assert!(mail.text.contains("There is no indicator to report on."));
    assert!(!mail.html.contains("OFFICIAL"));
    insta::assert_snapshot!(mail.subject, @"Sevenoaks CSP: no concerns in quarter 1, April to June 2025");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the message stands here whole")]
fn the_text_part_as_readers_get_it() {
    insta::assert_snapshot!(email(&Sample::small()).text, @r"
        OFFICIAL

        Demonstration: figures marked (illustrative) are made up.

        One concern in quarter 1: anti-social behaviour incidents
        =========================================================

        Sevenoaks District Community Safety Partnership, April to June 2025.
        Some figures are provisional [p]. As known on 21 July 2025.

             1  concern
             1  improving
             0  no change
             2  cannot judge


        What has changed
        ================

        - CONCERN: Anti-social behaviour incidents: 402 this quarter, 112 more
          than in the same quarter last year (+38.6%). Higher than the same
          period a year before by more than chance variation explains. 2nd
          lowest rate of the 3 north Kent districts.

        - IMPROVING: Burglary of a home: 61 this quarter, 60 fewer than in the
          same quarter last year (−49.6%). Lower than the same period a year
          before by more than chance variation explains.

        - CANNOT JUDGE: Repeat victims: no figures have arrived.


        At a glance
        ===========

        One of two indicators is of concern: anti-social behaviour incidents.


        Indicators
        ==========

        Table 1: Every indicator, quarter 1 (April to June 2025)
        [note 1] Figures are rounded to the nearest 5 so that nobody can be
        identified; changes are made from the rounded figures. [c] stands in
        place of a count from 1 to 4, and of counts of any size that would give
        one away.
        Percentages are given only where last year's figure is 20 or more.

                 Quarter      Last year               Change   Rolling 12 months
        ------------------------------------------------------------------------
        Priority 1: Serious and acquisitive crime

        CONCERN: Anti-social behaviour incidents [p]
                     402            290        +112 (+38.6%)               1,307
        IMPROVING: Burglary of a home
                      61            121         −60 (−49.6%)                 285
        ------------------------------------------------------------------------
        Priority 2: Domestic abuse

        CANNOT JUDGE: DAVSS referrals (illustrative) [note 1]
                      65             45           +20 (+44%)                 220
        CANNOT JUDGE: Repeat victims
                     [x]            [x]                  [x]                 [x]
        ------------------------------------------------------------------------

        Why some cannot be judged

        - For this measure neither more nor fewer is better by itself: DAVSS
          referrals (illustrative)
        - No figures have arrived: Repeat victims


        A closer look
        =============

        Anti-social behaviour incidents: 402 this quarter, 112 more than in the
        same quarter last year (+38.6%).

        - The same quarter of each year is darker; outlined columns are
          provisional.
        - What is seen: 402 this quarter, 112 more than in the same quarter last
          year (+38.6%). Higher than the same period a year before by more than
          chance variation explains. 2nd lowest rate of the 3 north Kent
          districts.
        - Compared with others: Its rate is far above the range of its peers.
        - What is said about it: Nobody has written a note about it for this
          report.


        Compared with other areas
        =========================

        Table 2: Rates per 1,000 residents, and position among peers
        1st is best: the lowest rate, or the highest where more is better. Rates
        are over the quarter, or over 12 months where only those are known; they
        come with 95% intervals. The average is of the peers' rates.

              Rate      95% interval  Over           Average  Position
        ------------------------------------------------------------------------
        Among the 3 north Kent districts

        Anti-social behaviour incidents [p]
              3.32      3.01 to 3.66  quarter           2.82  2nd of 3
                                                                (2nd a year ago)
        ------------------------------------------------------------------------


        Parts of indicators
        ===================

        Table 3: Parts of indicators

                 Quarter      Last year               Change   Rolling 12 months
        ------------------------------------------------------------------------
        DAVSS referrals (illustrative) [note 1]

        Risk: High
                     [c]             20                  [c]                 [x]
        Risk: Standard
                     [c]             25                  [c]                 [x]
        ------------------------------------------------------------------------


        Success measures
        ================

        Of 3 success measures, 2 met and 1 cannot be judged.

        Table 4: Success measures of the plan

        - MET: Stay among the lowest 2 districts for anti-social behaviour
          Anti-social behaviour incidents: 2nd of 3 (the 3 north Kent
          districts), to stay within the best 2; 2nd a year ago; above the range
          of its peers.
        - MET: Reduce burglary
          Burglary of a home: fewer than in the same quarter last year.
        - CANNOT JUDGE: Reduce the number of repeat victims
          Repeat victims: no figures have arrived.


        Actions
        =======

        Of 4 actions, 1 complete, 2 in progress and 1 not started. 1 is overdue.

        Table 5: Actions overdue, longest first

        4.3  Prevent Team to deliver training to partners and businesses on
             counter terrorism
             Lead: KCC Prevent Team. Due 31 March 2025, 112 days late. In
             progress.

        Table 6: Actions due in the next three months

        3.6  Achieve accreditation for the Council in partnership with the CSP
             and other partners
             Lead: KCC Prevent Team. Due 30 September 2025. Not started.


        Returns and data quality
        ========================

        1 of 3 returns is in.

        Table 7: Returns that need attention

        - Protection Against Stalking: Referrals. Due 14 July 2025. Late by 7
          days. Nothing has arrived; please send it, and its figures will be in
          the next edition.
        - KCC: Community Wardens. Due 14 July 2025. Arrived, refused. The
          figures are about another period than was asked for. The file for this
          period is needed.

        Found in returns

        - DAVSS: referrals: Parts of a figure do not add up to the whole that
          was sent with them.

        Shorthand

        - [c] withheld so that nobody can be identified
        - [p] provisional: may change
        - [x] not available


        Attached
        ========

        - Performance pack (PDF, 12 pages, 310 kB): 2025-26-Q1-pack.pdf
        - Tables of data (Excel workbook, 48 kB): 2025-26-Q1-tables.xlsx

        The next report is due on 21 October 2025.


        Where this comes from
        =====================

        Edition 2025-26-Q1-01, run quarterly-monitoring-2025-26-Q1-01.
        Made by Quarterdeck 0.1.0 from lake version o3.a1, definitions
        9c0d1e2f3a4b.
        Rates use population estimates of mid-2020.
        Figures come from: DAVSS; Kent Police.
        - Kent Police: Sevenoaks CSP Jan-Jun 2025.xlsx, arrived 10 July 2025,
          1,204 figures, SHA-256 3b1f0c9d2a7e

        Questions and corrections: Community Safety Unit,
        csu@sevenoaks-csp.example
        You get this because your role is on the circulation list of the
        Sevenoaks District Community Safety Partnership. It is sent
        automatically.

        OFFICIAL
    ");
}
