"""What stands between the daemon and `rule.py`: no clock and no dice, and an exception that says what went wrong and where.

A component is a picture of Python's memory just after `rule.py` was loaded. What a clock or a die says while that is done
would be the component's answer for ever, so that both raise from here on, while it is built and in every call.
"""

import builtins
import datetime
import os
import random
import re
import sys
import time


class NotInARule(RuntimeError):
    """A rule asked for what would not be the same on another machine or on another day."""


def forbidden(name: str, instead: str):
    def raises(*_arguments, **_named):
        raise NotInARule(f"{name}: {instead}")

    return raises


CLOCK = "a rule has no clock; the subject's `as_of` is the only time"
DICE = "a rule has no dice; make a `random.Random(SEED)` with a seed of yours"
OUTSIDE = "a rule has no files and no output; what it says stands in its findings"

for name in time.__dict__.copy():
    base = name.removesuffix("_ns")
    if base in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime", "sleep"):
        setattr(time, name, forbidden(f"time.{name}", CLOCK))


def only_of_a_time(name: str, needed: int):
    """The function of `time`, where it is told which time is meant."""
    function = getattr(time, name)

    def told(*arguments):
        if len(arguments) < needed or arguments[needed - 1] is None:
            raise NotInARule(f"time.{name}: {CLOCK}")
        return function(*arguments)

    return told


for name, needed in (("gmtime", 1), ("localtime", 1), ("ctime", 1), ("asctime", 1), ("strftime", 2)):
    setattr(time, name, only_of_a_time(name, needed))


def timeless(real: type, clocks: tuple[str, ...]) -> type:
    """The class of `datetime` without its clocks. What Python itself makes of it counts as one, too."""

    class Timeless(type(real)):
        def __instancecheck__(cls, value):
            return isinstance(value, real)

        def __subclasscheck__(cls, other):
            return issubclass(other, real)

    raising = {name: classmethod(forbidden(f"datetime.{real.__name__}.{name}", CLOCK)) for name in clocks}
    return Timeless(real.__name__, (real,), {"__slots__": (), "__module__": "datetime", **raising})


datetime.date = timeless(datetime.date, ("today",))
datetime.datetime = timeless(datetime.datetime, ("now", "utcnow", "today"))

for name in ("urandom", "getrandom"):
    setattr(os, name, forbidden(f"os.{name}", DICE))
random._urandom = os.urandom
#: Those of `random` that draw from the one generator that all share.
for name, value in random.__dict__.copy().items():
    if getattr(value, "__self__", None) is random._inst:
        setattr(random, name, forbidden(f"random.{name}", DICE))
SEED_OF = random.Random.seed


def seed(self, a=None, version=2):
    if a is None:
        raise NotInARule(f"random.Random: {DICE}")
    SEED_OF(self, a, version)


random.Random.seed = seed
random.seed = lambda *_arguments: None  # The interpreter's own, which finds nothing to seed.

import rule  # noqa: E402: everything above comes before it.
from componentize_py_types import Err  # noqa: E402
from wit_world.exports.plugin import (  # noqa: E402
    Argument_Text,
    Assessment,
    Manifest,
    Outcome_Invalid,
    Problem,
    Reason,
    Subject,
)

#: By this message a rule says that it failed on a supplier: the contract's greatest number.
FAILURE = 0xFFFF_FFFF
#: Asked while the component is built, so that what is wrong with it is said then.
MANIFEST = rule.Plugin().describe()

for name in ("open", "input", "print"):
    setattr(builtins, name, forbidden(name, OUTSIDE))


class Plugin:
    """The three functions of the contract, as the daemon calls them."""

    def describe(self) -> Manifest:
        return MANIFEST

    def configure(self, parameters: str):
        try:
            return rule.Plugin().configure(parameters)
        except (Err, MemoryError):
            raise
        except Exception as error:
            raise Err([Problem("", None, f"`configure` failed with {told(error)}: correct the parameters or the rule")])

    def assess(self, subjects: list[Subject]) -> list[Assessment]:
        own = rule.Plugin()
        return [assess_one(own, subject) for subject in subjects]


def assess_one(own, subject: Subject) -> Assessment:
    """One at a time, so that who fails fails alone."""
    try:
        [assessment] = own.assess([subject])
        return assessment
    except MemoryError:
        # How much is left depends on whoever came before: the daemon tries again without them.
        raise
    except Exception as error:
        return Assessment(Outcome_Invalid(Reason(FAILURE, [Argument_Text(told(error))])), [])


def told(error: Exception) -> str:
    """Its type, its text and the line of the rule that it comes from."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = os.path.basename(trace.tb_frame.f_code.co_filename)
        if file not in ("tierwatch_guest.py", "tierwatch_rule.py") and "/python/" not in trace.tb_frame.f_code.co_filename:
            place = f" ({file}, line {trace.tb_lineno}, in {trace.tb_frame.f_code.co_name})"
        trace = trace.tb_next
    # An address depends on whoever came before.
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error))
    return f"{type(error).__name__}: {text}{place}" if text else f"{type(error).__name__}{place}"
