"""A token bucket: so many calls at once, so many a second after that."""

import threading
from collections.abc import Callable


class TokenBucket:
    """Gives a token for each call, and none when it is empty.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    """

    def __init__(self, size: float, per_second: float, clock: Callable[[], float]) -> None:
        """Begin full.

        Args:
            size: The tokens that it holds.
            per_second: The tokens that it gets back each second.
            clock: Tells the time (s).
        """
        self._size, self._per_second, self._clock = size, per_second, clock
        self._tokens, self._filled_at = size, clock()
        self._lock = threading.Lock()

    def take(self, tokens: float = 1) -> bool:
        """Take tokens, all of them or none; return whether they were there."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._size, self._tokens + (now - self._filled_at) * self._per_second)
            self._filled_at = now
            if self._tokens < tokens:
                return False
            self._tokens -= tokens
            return True
