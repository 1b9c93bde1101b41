"""Figures as a person reads them; what is not known is a dash."""

NOTHING = "-"
_MEGA = 1e6
_MEBI = 1024 * 1024


def figure(value: float | None, digits: int = 0) -> str:
    """Return a number with that many digits behind the point."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def megabits(value: float | None) -> str:
    """Return bit/s in Mbit/s, without the unit."""
    return figure(None if value is None else value / _MEGA, 1)


def mebibytes(value: float | None) -> str:
    """Return bytes in MiB, with the unit."""
    return NOTHING if value is None else f"{value / _MEBI:.0f} MiB"
