"""How large the soak is, and what happens to the machine and the mail server in the days after each quarter."""

import random


class Scale:
    def __init__(self, quarters, partners, readers, **how):
        self.quarters = quarters
        self.partners = partners
        self.readers = readers
        # The part of partners' quarters, of conversations with the mail server and of answers of sites that goes wrong.
        self.trouble = how["trouble"]
        self.mail = how["mail"]
        self.site = how["site"]
        # For each conversation that makes the program wait, so many that break off at once.
        self.quick = how.get("quick", 4)
        # What happens in which quarter; by chance where it is not said.
        self.happens = how.get("happens")
        # From this day on only one day in so many is looked at: most of a quarter nothing happens.
        self.days_between = how.get("days_between", 1)


FULL = Scale(40, 60, 300, trouble=0.1, mail=0.1, site=0.1, days_between=3, quick=40)
SHORT = Scale(
    3,
    8,
    20,
    trouble=0.35,
    mail=0.12,
    site=0.1,
    happens={0: ["down", "by hand"], 1: ["off", "full", "by hand"], 2: ["off"]},
    days_between=8,
)
SELF_TEST = Scale(1, 6, 10, trouble=0.3, mail=0.1, site=0.1, happens={0: []}, days_between=8)

CHANCES = {"off": 0.4, "down": 0.25, "full": 0.25, "by hand": 0.3}
# Quarters in which the machine is off for so long that the report cannot be made up for.
LONG_OFF = (9, 24)
LONG_OFF_DAYS = range(8, 70)
# The report goes out around then.
REPORT_DAYS = (14, 23)
BUSY_UNTIL = 30
OPERATOR_DAYS = (26, 50, 74)
BY_HAND_DAY = 75
# The last days of a quarter, in which everything is brought to its end.
CLOSING_DAYS = 6
DEATH = 0.1
DEATH_ON_REPORT_DAYS = 0.3


class Plan:
    """`off`, `down` and `full` are days, counted from the end of the quarter."""

    def __init__(self, quarter, number, scale, seed):
        chance = random.Random(f"{seed}/{quarter}/plan")
        self.quarter = quarter
        self.scale = scale
        self.closing = quarter.days - CLOSING_DAYS
        self.is_deadly = number >= scale.quarters - max(1, scale.quarters // 5) and scale is not SELF_TEST
        self.is_long_off = scale is FULL and number in LONG_OFF

        def happens(what):
            drawn = chance.random() < CHANCES[what]
            return what in scale.happens[number] if scale.happens else drawn

        self.by_hand = happens("by hand")
        self.off = stretch(chance, (3, 60), (1, 9)) if happens("off") else set()
        if self.is_long_off:
            self.off = set(LONG_OFF_DAYS)
        # From before the report on; longer than messages are kept waiting, now and then.
        self.down = stretch(chance, (11, REPORT_DAYS[1]), (2, 8)) if happens("down") else set()
        if happens("full"):
            self.full = set(chance.sample(range(*REPORT_DAYS), 2)) | {chance.randint(3, 12)}
        else:
            self.full = set()

    def looks(self):
        """(day, hour, minute) of each look that is planned while the machine is on, before the closing days."""
        for day in range(self.closing):
            is_dull = day > BUSY_UNTIL and day % self.scale.days_between and day not in (*OPERATOR_DAYS, BY_HAND_DAY)
            if day in self.off or is_dull:
                continue
            if day <= BUSY_UNTIL:
                yield day, 6, 35
            yield day, 9, 5

    def death(self, day):
        """How likely it is that the process is killed in a look of this day."""
        if not self.is_deadly:
            return 0.0
        return DEATH_ON_REPORT_DAYS if REPORT_DAYS[0] <= day < REPORT_DAYS[1] else DEATH


def stretch(chance, first, length):
    start = chance.randint(*first)
    return set(range(start, start + chance.randint(*length)))
