"""What python-dateutil says of a recurrence set.

Reads one JSON object a line and answers one a line. In: start (local, basic
format; eight characters for a date), zone, lines, until (UTC, basic format: how
far to go), most (how many), raw (dateutil as it is). Out: starts and complete (UTC, basic
format; dates for dates), or error.

The rules are dateutil's alone. This file adds what dateutil leaves to its
caller: DTSTART as an occurrence, and sets of instants instead
of sets of local times (in Python two datetimes in a DST gap are never equal).
Zones are the standard library's: dateutil's own put times after Casablanca's
yearly changes two hours off, whose summer time is negative. A local time that
doesn't exist has the offset from before the gap in both (PEP 495, fold 0).

An answer may stop short of until; complete says how far it goes.
"""

import datetime as dt
import json
import signal
import sys
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

LOCAL = "%Y%m%dT%H%M%S"


def moment(text, zone):
    """A datetime as dateutil is given it: naive for dates, else aware."""
    if len(text) == 8:
        return dt.datetime.strptime(text, "%Y%m%d")
    if text.endswith("Z"):
        return dt.datetime.strptime(text, LOCAL + "Z").replace(tzinfo=dt.timezone.utc)
    return dt.datetime.strptime(text, LOCAL).replace(tzinfo=zone)


def instant(at):
    if at.tzinfo is None:
        return at.replace(tzinfo=dt.timezone.utc)
    return at.astimezone(dt.timezone.utc)


def collect(rules, start, last, most):
    """The rules' instants, and how far they were followed."""
    got, complete = set(), last
    for text in rules:
        n = 0
        for at in rrulestr(text, dtstart=start):
            at = instant(at)
            if at > last + dt.timedelta(days=1):
                break
            got.add(at)
            n += 1
            if n > most:
                complete = min(complete, at - dt.timedelta(days=1))
                break
    return got, complete


def answer(q):
    zone = ZoneInfo(q["zone"]) if q["zone"] else None
    start = moment(q["start"], zone)
    last = instant(moment(q["until"], zone))
    lines = {"RRULE": [], "EXRULE": [], "RDATE": [], "EXDATE": []}
    for line in q["lines"]:
        head, value = line.rsplit(":", 1)
        name, _, params = head.partition(";")
        if name in ("RDATE", "EXDATE"):
            named = [p[5:] for p in params.split(";") if p.startswith("TZID=")]
            where = ZoneInfo(named[0]) if named else zone
            lines[name] += [instant(moment(v, where)) for v in value.split(",")]
        else:
            lines[name].append(value)
    raw = q.get("raw", False)
    got, last = collect(lines["RRULE"], start, last, q["most"] * 3)
    without, _ = collect(lines["EXRULE"], start, last, sys.maxsize)
    got |= set(lines["RDATE"]) | (set() if raw else {instant(start)})
    got = sorted(at for at in got - without - set(lines["EXDATE"]) if at <= last)
    form = "%Y%m%d" if len(q["start"]) == 8 else LOCAL + "Z"
    starts = [at.strftime(form) for at in got][: q["most"]]
    return {"starts": starts, "complete": last.strftime(form)}


def give_up(*_):
    raise TimeoutError("it looked for too long")


# A rule that never matches is looked for until the year 9999. The limit
# is in processor time: the answer must not depend on the neighbours.
signal.signal(signal.SIGVTALRM, give_up)
for line in sys.stdin:
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.15)
    try:
        out = answer(json.loads(line))
    except Exception as e:  # dateutil raises whatever it likes
        out = {"error": f"{type(e).__name__}: {e}"}
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    print(json.dumps(out), flush=True)
