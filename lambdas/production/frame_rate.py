"""Frame rates as exact fractions: 23.976, 29.97 and 59.94 mean 24000/1001, 30000/1001 and 60000/1001."""

from fractions import Fraction


def exact_rate(asked: float) -> Fraction:
    """Return the frames a second that a document's ``mix.frameRate`` means (SMPTE ST 12-1).

    Args:
        asked: A rate that the input's schema allows.
    """
    return Fraction(asked) if asked == round(asked) else Fraction(whole_rate(asked) * 1000, 1001)


def whole_rate(asked: float) -> int:
    """Return the whole number of frames that a second of time code counts: 30 at 29.97."""
    return round(asked)
